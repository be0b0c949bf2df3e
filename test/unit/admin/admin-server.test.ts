import { expect } from 'chai';
import { Registry } from 'prom-client';
import { serve } from '../../../packages/shared/src/index.js';
import { createAdminApp } from '../../../packages/worker/src/admin/admin-server.js';
import { createDashboard } from '../../../packages/worker/src/admin/dashboard.js';
import { statusOfTests } from '../../support/configuration-status.js';
import { send } from '../../support/http.js';
import { captureLog } from '../../support/log-lines.js';

describe('an admin token that is not ASCII', () => {
  const token = 'ключ-від-адмінки-1';
  const { log, lines } = captureLog();
  let stop: () => Promise<void>;
  before(async () => {
    const registry = new Registry();
    const dashboard = createDashboard();
    const app = createAdminApp({ token, readiness: [], registry, configuration: statusOfTests, dashboard, log });
    stop = await serve(app.callback(), { host: '127.0.0.1', port: 0 }, log);
  });
  after(() => stop());
  const metrics = async (authorization: string) => {
    const { port } = lines().find(({ msg }) => msg === 'listening') as { port: number };
    return (await send(`http://127.0.0.1:${port}/metrics`, { headers: { authorization } })).status;
  };

  it('is known as a bearer token in UTF-8, as clients send it, and as a password', async () => {
    const bearer = Buffer.from(`Bearer ${token}`, 'utf8').toString('latin1');
    expect(await metrics(bearer)).to.equal(200);
    expect(await metrics(`Basic ${Buffer.from(`admin:${token}`).toString('base64')}`)).to.equal(200);
    expect(await metrics('Bearer wrong')).to.equal(401);
  });
});
