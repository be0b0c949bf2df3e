import { expect } from 'chai';
import { Registry } from 'prom-client';
import { serve } from '../../../packages/shared/src/index.js';
import { createAdminApp } from '../../../packages/worker/src/admin/admin-server.js';
import { createDashboard } from '../../../packages/worker/src/admin/dashboard.js';
import { actionOf, actionsOf } from '../../support/follow-up/actions.js';
import { Bed } from '../../support/follow-up/bed.js';
import { send } from '../../support/http.js';
import { statusOfTests } from '../../support/configuration-status.js';
import { captureLog } from '../../support/log-lines.js';
import { storeKinds } from '../../support/stores.js';

const headers = { Authorization: 'Bearer hush' };

for (const kind of storeKinds)
  describe(`the queue dashboard (${kind})`, () => {
    let bed: Bed;
    beforeEach(async () => (bed = await Bed.open(kind)));
    afterEach(() => bed.close());

    it('shows the queue of every action that is at work, and of no other', async () => {
      const dashboard = createDashboard();
      const { log, lines } = captureLog();
      const app = createAdminApp({ token: 'hush', readiness: [], registry: new Registry(), configuration: statusOfTests, dashboard, log });
      bed.onClose(await serve(app.callback(), { host: '127.0.0.1', port: 0 }, log));
      const port = Number(lines().find(({ msg }) => msg === 'listening')?.port);
      const shown = async () => {
        const url = `http://127.0.0.1:${port}/queues/api/queues?status=latest&page=1&jobsPerPage=10`;
        const { status, body } = await send(url, { headers });
        expect(status, body).to.equal(200);
        return (JSON.parse(body) as { queues: { name: string }[] }).queues.map(({ name }) => name).sort();
      };
      const { followUps } = await bed.worker(actionsOf([{ name: 'tell' }, { name: 'ask' }]), { board: dashboard });
      expect(await shown()).to.deep.equal(['follow-up.ask', 'follow-up.tell']);
      await followUps.run([actionOf({ name: 'tell', concurrency: 3 })]);
      expect(await shown()).to.deep.equal(['follow-up.tell']);
      await followUps.stop();
      expect(await shown()).to.deep.equal([]);
    });
  });
