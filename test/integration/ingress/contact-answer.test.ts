import { expect } from 'chai';
import pg from 'pg';
import { fillDatabase } from '../../support/fill-database.js';
import { send } from '../../support/http.js';
import { startIngress, token, type TestIngress } from '../../support/ingress.js';
import { openStores, storeKinds, type Stores } from '../../support/stores.js';

const workflows = { ask: { answer: 'contact' as const, once: [] } };
const sources = {
  main: { tokens: [token], timeZone: 'UTC', workflows },
  shop: { tokens: ['of-the-shop'], timeZone: 'UTC', workflows },
};
const happened = (contactId: number, activityStatus: string, second: number, more: object = {}) => ({
  ...{ contactId, activityStatus, mediaType: 'email', email: `c${contactId}@Example.com`, iid: `${contactId} ${second}` },
  activityDateTime: `2026-03-01T10:00:${String(second).padStart(2, '0')}`,
  ...more,
});
const activities = [
  happened(1, 'DELIVERED', 1, { externalCustomerId: '77' }),
  happened(1, 'READ', 2),
  happened(1, 'UNDELIVERED', 3, { mediaType: 'viber', sms: '380956490955', hardBounce: true }),
  happened(1, 'SUBSCRIPTION_CHANGED', 4, { subscriptions: ['news'] }),
  happened(2, 'DELIVERED', 5, { email: 'shared@example.com', externalCustomerId: 'CRM  42' }),
  happened(3, 'UNSUBSCRIBED', 6, { email: 'Shared@example.com' }),
  happened(5, 'UNSUBSCRIBED', 7, { externalCustomerId: 'CRM 42' }),
  happened(6, 'DELIVERED', 7, { mediaType: 'viber', sms: '380671112233' }),
  happened(7, 'SPAM', 8, { mediaType: 'viber', sms: '0671112233' }),
  happened(100, 'UNSUBSCRIBED', 9, { email: 'many@example.com' }),
  ...Array.from({ length: 30 }, (_, nth) => happened(101 + nth, 'DELIVERED', 10 + nth, { email: 'many@example.com' })),
];

for (const kind of storeKinds)
  describe(`A hook with "answer: contact", queue on ${kind}`, function () {
    this.timeout(60_000);
    let stores: Stores;
    let ingress: TestIngress;
    before(async () => {
      stores = await openStores(kind);
      await fillDatabase(stores.databaseUrl, [JSON.stringify(activities)]);
      await fillDatabase(stores.databaseUrl, [JSON.stringify([happened(1, 'READ', 1)])], 'shop');
      ingress = await startIngress(stores.queueUrl, { sources, databaseUrl: stores.databaseUrl });
    });
    after(async () => {
      await ingress.close();
      await stores.drop();
    });
    const url = (query = '') => `${ingress.address}/workflows/esputnik/main/ask/${token}${query}`;
    const ask = async (body: object | string, query = ''): Promise<unknown> => {
      const answer = await send(url(query), { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
      expect(answer.status, answer.body).to.equal(200);
      return JSON.parse(answer.body) as unknown;
    };
    const contact = {
      ok: true,
      known: true,
      contactId: 1,
      mayWrite: { email: true, viber: false },
      reachable: ['email'],
      blacklisted: true,
      unsubscribed: false,
      subscriptions: ['news'],
      lastOpenedAt: '2026-03-01T10:00:02.000Z',
      lastClickedAt: null,
      lastDeliveredAt: '2026-03-01T10:00:01.000Z',
    };
    const unknown = { ok: true, known: false };

    it('says what is known of the contact, in this order of keys', async () => {
      const answer = await send(url(), { method: 'POST', body: '{"contactId":"1"}' });
      expect(answer.headers['content-type']).to.match(/^application\/json/);
      expect(answer.body).to.equal(JSON.stringify(contact));
    });

    it('knows it by id, external id, e-mail address or phone, in body or query', async () => {
      for (const body of [
        { contactId: 1 },
        { externalCustomerId: '77' },
        { externalCustomerId: 77 },
        { email: ' C1@example.com' },
      ])
        expect(await ask(body), JSON.stringify(body)).to.deep.equal(contact);
      for (const query of ['?contactId=1', '?email=c1%40example.com', '?externalCustomerId=77'])
        expect(await ask('', query), query).to.deep.equal(contact);
      expect((await send(url('?contactId=1'))).body).to.equal(JSON.stringify(contact));
    });

    it('knows a phone however it is written', async () => {
      for (const phone of ['+38 (095) 649-09-55', '0956490955', 380956490955])
        expect(await ask({ phone }), String(phone)).to.deep.equal(contact);
    });

    it('knows it by what was pasted with characters that cannot be seen, and by an id as it stands', async () => {
      for (const body of [
        { contactId: '\u200b1' },
        { email: '\ufeffC1@example.com\u00a0' },
        { externalCustomerId: '\u206677\u2069' },
        { phone: '\u2068+380 95 649\u201109\u201155\u2069' },
        { externalCustomerId: '\u200b', email: 'c1@example.com' },
      ])
        expect(await ask(body), JSON.stringify(body)).to.deep.equal(contact);
      expect(await ask({ externalCustomerId: 'CRM  42' })).to.include({ contactId: 2 });
    });

    it('takes the first name that is there and is no unexpanded variable, the surest first', async () => {
      expect(await ask({ contactId: '$contact_ID', externalCustomerId: '$!id', email: 'c1@example.com' })).to.deep.equal(contact);
      expect(await ask({ email: 'c1@example.com', contactId: 999 })).to.deep.equal(unknown);
      expect(await ask({ contactId: 1 }, '?contactId=$contact_ID')).to.deep.equal(contact);
    });

    it('of several contacts with one address names the latest seen, and one no is enough', async () => {
      expect(await ask({ email: 'shared@example.com' })).to.deep.include({
        ...{ contactId: 3, mayWrite: { email: false }, reachable: [], unsubscribed: true },
      });
    });

    it('takes the no of one of many contacts with the address, however long ago that one was seen', async () => {
      expect(await ask({ email: 'many@example.com' })).to.deep.include({ contactId: 130, mayWrite: { email: false } });
    });

    it('names who has the name as it was given before who was seen later, and asks nobody of another id', async () => {
      expect(await ask({ externalCustomerId: 'CRM  42' })).to.include({ contactId: 2, unsubscribed: false });
      expect(await ask({ externalCustomerId: 'CRM \u00a042' })).to.include({ contactId: 5, unsubscribed: true });
    });

    it('names who has the phone number as it was given, and takes a no of whoever writes it in another way', async () => {
      expect(await ask({ phone: '+38 067 111-22-33' })).to.deep.include({ contactId: 6, mayWrite: { viber: false } });
      expect(await ask({ phone: '067 111-22-33' })).to.deep.include({ contactId: 7, mayWrite: { viber: false } });
    });

    it('says that it knows nobody where nobody is named, or known, or known to this source', async () => {
      for (const body of [
        {},
        '',
        'no JSON',
        '[1]',
        { contactId: 4 },
        { contactId: '1e0' },
        { email: "x' or 1=1" },
        { phone: 'none' },
        { email: 'a\0b' },
      ])
        expect(await ask(body), JSON.stringify(body)).to.deep.equal(unknown);
      const { body } = await send(`${ingress.address}/workflows/esputnik/shop/ask/of-the-shop?contactId=2`);
      expect(JSON.parse(body)).to.deep.equal(unknown);
    });

    it('does not answer for longer than 2 s: then 503, and the request is stored all the same', async () => {
      const client = new pg.Client({ connectionString: stores.databaseUrl });
      await client.connect();
      await client.query('begin; lock table vidhuk.contact_status in access exclusive mode');
      try {
        const began = performance.now();
        const answer = await send(url(), { method: 'POST', body: '{"contactId":1,"n":"held up"}' });
        expect(answer.status).to.equal(503);
        expect(performance.now() - began).to.be.within(1_500, 3_000);
        expect(JSON.parse(answer.body)).to.have.property('ok', false);
        const { body } = await ingress.lastRequest();
        expect(body.toString()).to.include('held up');
      } finally {
        await client.end();
      }
      expect(await ask({ contactId: 1 })).to.deep.equal(contact);
    });
  });

describe('A hook with "answer: contact" whose database is away', () => {
  it('is answered with 503, and batches go on', async () => {
    const stores = await openStores('redis');
    const ingress = await startIngress(stores.queueUrl, { sources });
    try {
      const url = `${ingress.address}/workflows/esputnik/main/ask/${token}`;
      expect((await send(url, { method: 'POST', body: '{"contactId":1}' })).status).to.equal(503);
      expect((await ingress.lastRequest()).body.toString()).to.equal('{"contactId":1}');
      expect((await send(ingress.webhook, { method: 'POST', body: '[]' })).status).to.equal(200);
    } finally {
      await ingress.close();
      await stores.drop();
    }
  });
});
