import { expect } from 'chai';
import { builtInHandlers } from '../../../packages/worker/src/handlers/index.js';
import { httpRequest } from '../../../packages/worker/src/handlers/http-request.js';
import { actionOf, actionsOf, handlerOf } from '../../support/follow-up/actions.js';
import { activity } from '../../support/follow-up/activities.js';
import { Bed } from '../../support/follow-up/bed.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';
import { storeKinds } from '../../support/stores.js';
import { requestOf } from '../../support/workflow-request.js';

const when = { workflow: 'order-paid' };

for (const kind of storeKinds)
  describe(`An action that waits for requests of the workflow block (${kind})`, () => {
    let bed: Bed;
    let receiver: Receiver;
    beforeEach(async () => {
      bed = await Bed.open(kind);
      receiver = await startReceiver();
    });
    afterEach(async () => {
      await bed.close();
      await receiver.close();
    });
    const hook = (settings: object = {}, params: object = {}) =>
      actionOf(
        { when, run: 'http-request', with: { url: `${receiver.url}/hook`, allowPrivateNetwork: true, ...params }, ...settings },
        httpRequest,
      );
    const bodies = () => receiver.calls.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    const person = (contactId: number, email: string) =>
      bed.query(
        `insert into vidhuk.contact_status (source, contact_id, email, first_activity_at, last_activity_at) values ('main', $1, $2, now(), now())`,
        [contactId, email],
      );

    it('is called with the request and its contact', async () => {
      await person(7, 'Ann@example.com');
      const action = hook();
      const { planRequests } = await bed.worker([action]);
      const request = await requestOf({
        query: 'shop=1',
        body: { contactId: '7', workflowInstanceId: 'run', orderId: 'A-1', nul: 'a\0b' },
      });
      await planRequests([action], [request]);
      const [row] = await bed.reach('done', 1);
      expect(row).to.include({ activity_key: request.id, contact_id: '7' });
      const [{ contact, ...call }] = bodies() as [Record<string, unknown>];
      expect(call).to.deep.equal({
        type: 'workflow',
        action: 'act',
        request: {
          id: request.id,
          source: 'main',
          hook: 'order-paid',
          receivedAt: request.receivedAt.toISOString(),
          method: 'POST',
          query: { shop: '1' },
          contentType: 'application/json',
          body: { contactId: '7', workflowInstanceId: 'run', orderId: 'A-1', nul: 'a\u{FFFD}b' },
          contactId: 7,
          externalCustomerId: null,
          email: null,
          phone: null,
          workflowInstanceId: 'run',
        },
      });
      expect(contact).to.include({ contact_id: 7, email: 'Ann@example.com' });
      expect(receiver.calls[0]?.headers['webhook-id']).to.equal(row?.id);
    });

    it('is called once for a request, however often it comes, and sends the same bytes on every attempt', async () => {
      const action = hook({ retry: { attempts: 5, maxDelay: 20 } });
      const { planRequests } = await bed.worker([action]);
      const body = { workflowInstanceId: 'run', z: 1, a: { y: 2, b: [3] } };
      receiver.reply(503);
      for (let time = 0; time < 3; time++) await planRequests([action], [await requestOf({ body }), await requestOf({ body })]);
      await bed.reach('done', 1);
      expect(receiver.calls).to.have.length(2);
      expect(receiver.calls[1]?.body).to.equal(receiver.calls[0]?.body);
    });

    it('finds the contact by external id, e-mail address or phone where the request has no contactId', async () => {
      await person(7, 'Ann@example.com');
      const action = hook({ dryRun: true });
      const { planRequests } = await bed.worker([action]);
      const known = await requestOf({ body: { email: 'ann@EXAMPLE.com' } });
      const unknown = await requestOf({ body: { email: 'bob@example.com' } });
      const anonymous = await requestOf({});
      await bed.query(`update vidhuk.contact_status set external_customer_id = 'CRM  42', phone = '0038 095 649-09-55'`);
      const others = await Promise.all(
        [{ externalCustomerId: 'CRM  42' }, { email: '\u200bann@example.com' }, { phone: '095\u2011649\u201109\u201155' }].map(
          (body) => requestOf({ body }),
        ),
      );
      await planRequests([action], [known, unknown, anonymous, ...others]);
      const rows = await bed.rows();
      const of = ({ id }: { id: string }) => rows.find((row) => row.activity_key === id);
      for (const each of [known, ...others]) expect(of(each)).to.include({ contact_id: '7' });
      expect(of(known)?.contact).to.include({ contact_id: 7 });
      for (const nobody of [unknown, anonymous]) expect(of(nobody)).to.include({ contact_id: null, contact: null });
    });

    it('finds the contact that has the name as it was given before one that was seen later', async () => {
      await bed.query(
        `insert into vidhuk.contact_status (source, contact_id, email, phone, external_customer_id, first_activity_at, last_activity_at) values
           ('main', 7, $1, '380956490955', 'CRM  42', now() - interval '1 day', now() - interval '1 day'),
           ('main', 8, 'ann@example.com', '0956490955', 'CRM 42', now(), now())`,
        ['\u200bann@example.com'],
      );
      const action = hook({ dryRun: true });
      const { planRequests } = await bed.worker([action]);
      const meant = (id: string, bodies: object[]) =>
        Promise.all(bodies.map(async (body) => ({ id, request: await requestOf({ body }) })));
      const asked = [
        ...(await meant('7', [
          { externalCustomerId: 'CRM  42' },
          { email: '\u200bAnn@example.com' },
          { phone: '+38 095 649-09-55' },
        ])),
        ...(await meant('8', [{ externalCustomerId: 'CRM 42' }, { email: 'Ann@example.com' }, { phone: '095 649-09-55' }])),
      ];
      await planRequests(
        [action],
        asked.map(({ request }) => request),
      );
      const rows = await bed.rows();
      for (const { id, request } of asked)
        expect(
          rows.find((row) => row.activity_key === request.id),
          JSON.stringify(request),
        ).to.include({ contact_id: id });
    });

    it('matches no activity, and an action without "workflow" no request', async () => {
      const [ofRequests, ofActivities] = actionsOf([
        { name: 'requests', when, dryRun: true },
        { name: 'activities', dryRun: true },
      ]);
      const actions = [ofRequests!, ofActivities!];
      const worker = await bed.worker(actions);
      await worker.plan(actions, [activity()]);
      await worker.planRequests(actions, [await requestOf({})]);
      expect((await bed.rows()).map(({ action }) => action).sort()).to.deep.equal(['activities', 'requests']);
      expect((await bed.rows('requests'))[0]?.activity).to.include({ type: 'workflow' });
      expect((await bed.rows('activities'))[0]?.activity).not.to.have.property('type');
    });

    it('takes groups of requests in one call, and templates over all of them', async () => {
      const action = hook({ group: { max: 10, withinMs: 0 } });
      const { planRequests } = await bed.worker([action]);
      await planRequests([action], [await requestOf({ body: { n: 1 } }), await requestOf({ body: { n: 2 } })]);
      await bed.reach('done', 2);
      const [call] = bodies() as [{ type: string; requests: { request: { body: { n: number } }; contact: null }[] }];
      expect(call.type).to.equal('requests');
      expect(call.requests.map(({ request }) => request.body.n)).to.have.members([1, 2]);
    });

    it('is held back by maxPerContact, however many workers plan at once', async () => {
      const action = actionOf({ when, dryRun: true, maxPerContact: { count: 2, perMs: 60_000 } });
      const workers = await Promise.all([bed.worker([action]), bed.worker([action]), bed.worker([action])]);
      await Promise.all(
        Array.from({ length: 12 }, async (_, nth) =>
          workers[nth % 3]?.planRequests([action], [await requestOf({ body: { contactId: 5, n: nth } }), await requestOf({})]),
        ),
      );
      const states = (await bed.rows()).filter(({ contact_id: id }) => id === '5').map(({ state }) => state);
      expect(states.filter((state) => state === 'dry-run')).to.have.length(2);
      expect(states.filter((state) => state === 'held')).to.have.length(10);
    });

    it('pauses behind its breaker and loses nothing', async () => {
      const action = hook({ concurrency: 1, retry: { attempts: 10, maxDelay: 20 } });
      const { planRequests } = await bed.worker([action]);
      receiver.reply(...Array.from({ length: 5 }, () => 503));
      await planRequests([action], await Promise.all(Array.from({ length: 8 }, (_, n) => requestOf({ body: { n } }))));
      await bed.reach('done', 8, { timeoutMs: 30_000 });
      expect(new Set(bodies().map(({ request }) => (request as { id: string }).id)).size).to.equal(8);
    });

    it('keeps of a large body no more than where it stands', async () => {
      const action = hook({ dryRun: true });
      const { planRequests } = await bed.worker([action]);
      await planRequests([action], [await requestOf({ body: { email: 'a@b.c', long: 'x'.repeat(70_000) } })]);
      expect((await bed.rows())[0]?.activity).to.include({ body: null, email: 'a@b.c' });
    });

    it('runs every handler', async () => {
      await bed.query('create table public.got (payload jsonb)');
      await bed.query(
        'create function public.on_request(payload jsonb) returns void language sql as $$ insert into public.got values (payload) $$',
      );
      const seen: unknown[] = [];
      const own = handlerOf((subjects) => void seen.push(...subjects), { name: 'own' });
      const platform = {
        baseUrl: receiver.url,
        apiKey: 'k',
        allowPrivateNetwork: true,
      };
      const actions = actionsOf(
        [
          { name: 'log', when, run: 'log' },
          { name: 'sql', when, run: 'postgres-function', with: { function: 'public.on_request' } },
          {
            name: 'event',
            when,
            run: 'esputnik-request',
            with: {
              call: 'event',
              eventTypeKey: 'paid',
              params: [{ name: 'order', value: '{{ request.body.orderId }}' }],
              ...platform,
            },
          },
          { name: 'group', when, run: 'esputnik-request', with: { call: 'attach-to-group', groupId: 3, ...platform } },
          { name: 'unsubscribe', when, run: 'esputnik-request', with: { call: 'unsubscribe', ...platform } },
          { name: 'own', when, run: 'own' },
        ],
        [...builtInHandlers, own],
      );
      const { planRequests } = await bed.worker(actions);
      const request = await requestOf({ body: { contactId: 7, email: 'a@b.c', orderId: 'A-1' } });
      await planRequests(actions, [request]);
      await bed.reach('done', actions.length);
      expect(await bed.query(`select payload->>'type' as type, payload->'request'->>'id' as id from public.got`)).to.deep.equal([
        { type: 'workflow', id: request.id },
      ]);
      expect(seen[0]).to.include({ type: 'workflow', hook: 'order-paid', key: request.id, contactId: 7 });
      const sent = Object.fromEntries(receiver.calls.map(({ path, body }) => [path, JSON.parse(body) as unknown]));
      expect(sent['/v2/event']).to.deep.equal({
        eventTypeKey: 'paid',
        keyValue: request.id,
        params: [
          { name: 'contactId', value: '7' },
          { name: 'email', value: 'a@b.c' },
          { name: 'order', value: 'A-1' },
        ],
      });
      expect(sent['/v1/group/3/contacts/attach']).to.deep.equal({ contactIds: [7] });
      expect(sent['/v1/emails/unsubscribed/add']).to.deep.equal({ emails: ['a@b.c'] });
    });
  });
