import { expect } from 'chai';
import { GoneError, PermanentError, UnavailableError } from '../../../packages/shared/src/index.js';
import { createGuardedHttp } from '../../../packages/worker/src/handlers/guarded-http.js';
import { httpRequest } from '../../../packages/worker/src/handlers/http-request.js';
import { bound, callContext, handlerActivities, handlerActivity } from '../../support/call-context.js';
import { rejection } from '../../support/poll.js';
import { startReceiver, type Receiver } from '../../support/receiver.js';
import { verifyWebhook } from '../../support/verify-webhook.js';

const oldSecret = `whsec_${Buffer.from('the secret of last year, 32 byte').toString('base64')}`;
const newSecret = 'Гасло: a text of any length';

describe('http-request', () => {
  let receiver: Receiver;
  const http = createGuardedHttp();
  const run = async (params: object, activities = [handlerActivity()], { grouped = false, idempotencyKey = 'id-1' } = {}) => {
    const use = { grouped };
    await bound(
      httpRequest,
      { url: receiver.url, allowPrivateNetwork: true, ...params },
      use,
    )(activities, callContext({ http, idempotencyKey }));
    return receiver.calls.at(-1)!;
  };

  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());
  after(() => http.close());

  it('posts the activity with its contact, before and after', async () => {
    const call = await run({});
    expect(call).to.include({ method: 'POST', path: '/' });
    expect(call.headers['content-type']).to.equal('application/json');
    const { contact, previous, followUpId, ...activity } = handlerActivity();
    expect(followUpId).to.be.a('string');
    expect(JSON.parse(call.body)).to.deep.equal({
      type: 'activity.unsubscribed',
      action: 'tell-crm',
      activity,
      contact,
      previous,
    });
  });

  it('posts a group as a list, also when it is a group of one', async () => {
    for (const count of [1, 3]) {
      const call = await run({}, handlerActivities(count), { grouped: true });
      const body = JSON.parse(call.body) as { type: string; activities: { activity: { contactId: number } }[] };
      expect(body.type).to.equal('activities');
      expect(body.activities.map(({ activity }) => activity.contactId)).to.deep.equal([1, 2, 3].slice(0, count));
    }
  });

  it('signs so that the library of Standard Webhooks accepts it', async () => {
    for (const secret of [oldSecret, newSecret, 'x']) verifyWebhook(secret, await run({ secret }));
  });

  it('is accepted under either secret while one replaces the other, and under no third', async () => {
    const call = await run({ secret: [newSecret, oldSecret] });
    verifyWebhook(oldSecret, call);
    verifyWebhook(newSecret, call);
    expect(() => verifyWebhook('another', call)).to.throw('No matching signature');
    expect(() => verifyWebhook(oldSecret, { ...call, body: `${call.body} ` })).to.throw('No matching signature');
  });

  it('signs requests without a body, too', async () => {
    for (const method of ['GET', 'DELETE']) {
      const call = await run({ method, secret: oldSecret });
      expect(call).to.include({ method, body: '' });
      expect(call.headers).not.to.have.property('content-type');
      verifyWebhook(oldSecret, call);
    }
  });

  it('repeats with the same id and the same bytes', async () => {
    const params = {
      secret: oldSecret,
      body: { on: "{{ activity.occurredAt | date: '%d.%m.%Y' }}", tags: '{{ activity.messageTags }}' },
    };
    for (const given of [{}, params]) {
      const first = await run(given);
      const second = await run(given);
      expect(second.body).to.equal(first.body);
      expect(second.headers['webhook-id']).to.equal('id-1').and.to.equal(first.headers['webhook-id']);
    }
  });

  it('fills templates in URL, headers and body', async () => {
    const call = await run(
      {
        url: `${receiver.url}/contacts/{{ activity.externalCustomerId }}?e={{ activity.email }}`,
        method: 'PATCH',
        headers: { Authorization: 'Bearer key-123', 'X-Kind': '{{ type }}' },
        body: {
          id: '{{ activity.contactId }}',
          text: 'Contact {{ activity.contactId }}',
          list: ['{{ contact.unsubscribed }}', 1, null],
          none: '{{ activity.phone }}',
        },
      },
      [handlerActivity({ externalCustomerId: '../admin?x=1#' })],
    );
    expect(call.path).to.equal('/contacts/..%2Fadmin%3Fx%3D1%23?e=ann%40example.com');
    expect(call.headers).to.include({ authorization: 'Bearer key-123', 'x-kind': 'activity.unsubscribed' });
    expect(JSON.parse(call.body)).to.deep.equal({ id: 42, text: 'Contact 42', list: [true, 1, null], none: null });
  });

  it('sends a text body as it is written', async () => {
    const call = await run({
      body: 'email={{ activity.email | url_encode }}',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(call.body).to.equal('email=ann%40example.com');
    expect(call.headers['content-type']).to.equal('application/x-www-form-urlencoded');
  });

  it('encodes a value of the URL once, whether a filter asks for it or not', async () => {
    const call = await run({ url: `${receiver.url}/search?a={{ activity.email }}&b={{ activity.email | url_encode }}` });
    expect(call.path).to.equal('/search?a=ann%40example.com&b=ann%40example.com');
  });

  it('lets no value out of the string that it stands in, nor add keys to JSON written as a text', async () => {
    const email = 'a","admin":true,"b":"\\';
    const call = await run({ body: '{"email":"{{ activity.email }}","why":"{{ activity.statusDescription }}"}' }, [
      handlerActivity({ email, statusDescription: 'line\nbreak' }),
    ]);
    expect(JSON.parse(call.body)).to.deep.equal({ email, why: 'line\nbreak' });
  });

  it('fills a text body from a group', async () => {
    const body =
      '[{% for each in activities %}{{ each.activity.email | json }}{% unless forloop.last %},{% endunless %}{% endfor %}]';
    const call = await run({ body }, handlerActivities(2), { grouped: true });
    expect(JSON.parse(call.body)).to.deep.equal(['contact1@example.com', 'contact2@example.com']);
  });

  it('tells apart what is done, what is repeated, and what is not', async () => {
    receiver.reply(204, { status: 503, headers: { 'retry-after': '30' } }, 302, 404, 422, 404, 410);
    await run({});
    expect(await rejection(run({})))
      .to.be.instanceOf(UnavailableError)
      .and.to.have.property('retryAfterMs', 30_000);
    expect(await rejection(run({}))).to.be.instanceOf(UnavailableError);
    expect(await rejection(run({}))).to.be.instanceOf(UnavailableError);
    expect(await rejection(run({}))).to.be.instanceOf(PermanentError);
    expect(await rejection(run({ finalStatuses: [404] }))).to.be.instanceOf(PermanentError);
    expect(await rejection(run({}))).to.be.instanceOf(GoneError);
  });

  it('tells no secret when the receiver quotes what it was sent', async () => {
    const params = {
      url: `${receiver.url}/services/T0001/B0001/abcdefghijklmnop?key=query-secret`,
      headers: { authorization: 'Bearer header-secret', 'x-key': 'other-secret' },
      secret: [oldSecret, 'body-secret'],
    };
    const quoted = `/services/T0001/B0001/abcdefghijklmnop?key=query-secret query-secret header-secret other-secret ${oldSecret} body-secret`;
    receiver.reply({ status: 400, body: quoted });
    const { message } = await rejection(run(params));
    for (const secret of ['abcdefghijklmnop', 'query-secret', 'header-secret', 'other-secret', oldSecret.slice(6), 'body-secret'])
      expect(message).not.to.include(secret);
  });

  it('never repeats what a header cannot carry', async () => {
    const error = await rejection(
      run({ headers: { 'x-name': '{{ activity.messageName }}' } }, [handlerActivity({ messageName: 'a\r\nx-evil: 1' })]),
    );
    expect(error).to.be.instanceOf(PermanentError);
    expect(receiver.calls).to.have.lengthOf(0);
  });
});
