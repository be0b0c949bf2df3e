import { expect } from 'chai';
import { PermanentError } from '../../../packages/shared/src/index.js';
import { parseBatch } from '../../../packages/worker/src/activity/parse-batch.js';
import { httpRequest } from '../../../packages/worker/src/handlers/http-request.js';
import { postgresFunction } from '../../../packages/worker/src/handlers/postgres-function.js';
import { actionsOf } from '../../support/follow-up/actions.js';
import { Bed } from '../../support/follow-up/bed.js';
import { recorder } from '../../support/follow-up/calls.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';

const sql = String.raw`'"; drop table vidhuk.follow_up cascade; -- \ $$ $1 :p1 %s {{ 7 | times: 7 }} ` + '${HOME}';
const texts = {
  ...{ email: sql, sms: sql, viber: sql, webpush: sql, mobilepush: sql, mediaType: sql, externalCustomerId: sql },
  ...{ messageName: sql, messageTag: sql, clickEventLink: sql, statusDescription: sql },
};
const elements = [
  { activityDateTime: '2026-03-10T12:00:00', activityStatus: sql, iid: sql, contactId: 1, ...texts },
  { activityDateTime: '2026-03-10T12:00:01', activityStatus: 'UNDELIVERED', iid: sql, contactId: 1, hardBounce: true, ...texts },
  {
    activityDateTime: '2026-03-10T12:00:02',
    activityStatus: 'SUBSCRIPTION_CHANGED',
    iid: sql,
    contactId: 2,
    subscriptions: [sql],
  },
];

describe('SQL and templates in every text of an activity', () => {
  let bed: Bed;
  let receiver: Receiver;
  before(async () => {
    bed = await Bed.open('postgres');
    receiver = await startReceiver();
    await bed.query('create table told (payload jsonb)');
    await bed.query(
      `create function tell(payload jsonb) returns void language sql as $$ insert into public.told select tell.payload $$`,
    );
  });
  after(async () => {
    await receiver.close();
    await bed.close();
  });

  it('are data all the way: in the log, the statuses, the ledger, what handlers get, what they send, and what they say', async () => {
    const { handler: refusing } = recorder(() => Promise.reject(new PermanentError(sql)), { name: 'refusing' });
    const body = { text: '{{ activity.messageName }}', contact: '{{ contact.email }}' };
    const actions = actionsOf(
      [
        { name: 'turned', run: 'refusing', when: { becomes: 'blacklisted' } },
        {
          name: 'http',
          run: 'http-request',
          with: { url: `${receiver.url}/{{ activity.iid }}`, body, allowPrivateNetwork: true },
        },
        { name: 'function', run: 'postgres-function', with: { function: 'tell' } },
        { name: 'named', when: { status: sql.toUpperCase(), mediaType: sql }, run: 'refusing' },
      ],
      [refusing, httpRequest, postgresFunction],
    );
    const { activities, rejections } = parseBatch(Buffer.from(JSON.stringify(elements)), { source: sql, timeZone: 'UTC' });
    expect(rejections).to.deep.equal([]);
    const { plan } = await bed.worker(actions);
    await plan(actions, activities);
    const rows = await bed.reachStates({ done: 6, failed: 2 });

    for (const row of rows) {
      const activity = activities.find(({ key }) => key === row.activity_key);
      const { position: _, occurredAt, ...kept } = activity!;
      expect(row.activity).to.deep.equal({ ...kept, occurredAt: new Date(occurredAt).toISOString() });
    }
    expect(
      rows.filter(({ state }) => state === 'failed').map(({ action, last_error }) => [action, last_error]),
    ).to.have.deep.members([
      ['turned', sql],
      ['named', sql],
    ]);
    const logged = await bed.query(
      `select source, iid, message_id, status_description, click_event_link from vidhuk.activity where status = 'UNDELIVERED'`,
    );
    expect(logged).to.deep.equal([{ source: sql, iid: sql, message_id: null, status_description: sql, click_event_link: sql }]);
    const contacts = await bed.query(
      'select source, email, phone, external_customer_id, blacklist_reason, subscriptions from vidhuk.contact_status order by contact_id',
    );
    expect(contacts).to.deep.equal([
      { source: sql, email: sql, phone: sql, external_customer_id: sql, blacklist_reason: sql, subscriptions: null },
      { source: sql, email: null, phone: null, external_customer_id: null, blacklist_reason: null, subscriptions: [sql] },
    ]);

    const told = await bed.query<{ payload: { activity: { iid: string; source: string } } }>('select payload from told');
    expect(told.map(({ payload }) => [payload.activity.iid, payload.activity.source])).to.deep.equal(Array(3).fill([sql, sql]));
    const calls = receiver.calls.filter((call) => call.body.includes('drop table'));
    expect(calls).to.have.length(2); // the third has no message and no address
    for (const call of calls) {
      expect(decodeURIComponent(call.path.slice(1))).to.equal(sql);
      expect(JSON.parse(call.body)).to.deep.equal({ text: sql, contact: sql });
    }
  });
});
