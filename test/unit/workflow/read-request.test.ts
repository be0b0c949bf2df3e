import { expect } from 'chai';
import fc from 'fast-check';
import { readCorpus } from '../../support/corpus.js';
import { requestOf, type GivenRequest } from '../../support/workflow-request.js';

const nothing = { contactId: null, externalCustomerId: null, email: null, phone: null, workflowInstanceId: null };
const fieldsOf = async (given: GivenRequest) => {
  const { contactId, externalCustomerId, email, phone, workflowInstanceId } = await requestOf(given);
  return { contactId, externalCustomerId, email, phone, workflowInstanceId };
};
const form = 'application/x-www-form-urlencoded; charset=UTF-8';

describe('What is read of a workflow request', () => {
  it('are contact and run, from the top of its JSON, from a form, from XML, and from the query', async () => {
    const wanted = {
      contactId: 7,
      externalCustomerId: 'C-1',
      email: 'a@b.c',
      phone: '380501234567',
      workflowInstanceId: 'run-1',
    };
    const encoded = 'contactId=7&externalCustomerId=C-1&email=a%40b.c&phone=380501234567&workflowInstanceId=run-1';
    const xml = `<?xml version="1.0"?><o:order xmlns:o="urn:x"><contactId> 7 </contactId><o:who><externalCustomerId>C-1</externalCustomerId>
      <email><![CDATA[a@b.c]]></email></o:who><phone>380501234567</phone><o:workflowInstanceId>run-1</o:workflowInstanceId></o:order>`;
    expect(await fieldsOf({ body: { ...wanted, contactId: '7' } }), 'JSON').to.deep.equal(wanted);
    expect(await fieldsOf({ body: { ...wanted, phone: 380501234567 } }), 'JSON with numbers').to.deep.equal(wanted);
    expect(await fieldsOf({ body: encoded, contentType: form }), 'form').to.deep.equal(wanted);
    expect(await fieldsOf({ body: xml, contentType: 'application/xml' }), 'XML').to.deep.equal(wanted);
    expect(await fieldsOf({ body: '', method: 'GET', query: encoded, contentType: null }), 'query').to.deep.equal(wanted);
  });

  it('is JSON and XML by what it is, whatever its header says', async () => {
    expect((await requestOf({ body: { email: 'a@b.c' }, contentType: 'text/plain' })).email).to.equal('a@b.c');
    expect((await requestOf({ body: '\uFEFF<a><email>a@b.c</email></a>', contentType: null })).email).to.equal('a@b.c');
  });

  it('is no variable that the platform left as it was', async () => {
    for (const text of ['$email', '$!email', '${email}', '$!{email}', " $data.get('email')", "$!data.get('x')", '', ' '])
      expect((await requestOf({ body: { email: text, contactId: text } })).email, text).to.equal(null);
    expect((await requestOf({ body: { externalCustomerId: '$100' } })).externalCustomerId).to.equal('$100');
  });

  it('counts in the query before the body, and where one place says nothing, in the other', async () => {
    const { email, phone } = await requestOf({ query: 'email=$email&phone=1&phone=2', body: { email: 'a@b.c', phone: '3' } });
    expect([email, phone]).to.deep.equal(['a@b.c', '1']);
  });

  it('stays unread where it is none: ids that are no ids, texts that PostgreSQL cannot store or no index takes, lists, objects', async () => {
    for (const contactId of ['0', '-1', '1.5', '9007199254740993', 'seven', true, null, [7], { id: 7 }, '٧', '0x7'])
      expect((await requestOf({ body: { contactId } })).contactId, JSON.stringify(contactId)).to.equal(
        Array.isArray(contactId) ? 7 : null,
      );
    for (const email of ['a\0b', '\ud800', 'x'.repeat(501), {}, true, null])
      expect(await requestOf({ body: { email, workflowInstanceId: email } }), JSON.stringify(email)).to.include({
        email: null,
        workflowInstanceId: null,
      });
    expect(await fieldsOf({ body: '{"constructor":1}' })).to.deep.equal(nothing);
    expect(await fieldsOf({ body: '[{"email":"a@b.c"}]' })).to.deep.equal(nothing);
  });

  it('is one spelling of a run, whatever case its UUID came in', async () => {
    const run = 'C0FFEE00-0000-1000-8000-00000000000A';
    expect((await requestOf({ body: { workflowInstanceId: run } })).workflowInstanceId).to.equal(run.toLowerCase());
    expect((await requestOf({ body: { workflowInstanceId: 12 } })).workflowInstanceId).to.equal('12');
    expect((await requestOf({ body: { workflowInstanceId: 'Run' } })).workflowInstanceId).to.equal('Run');
  });

  it('is nothing of a body that is too large, which is kept whole', async () => {
    const request = await requestOf({ body: JSON.stringify({ email: 'a@b.c', more: 'x'.repeat(256 * 1024) }) });
    expect(request).to.include({ email: null, content: null });
    expect(request.body).to.have.length.above(256 * 1024);
  });

  it('of XML expands nothing: no entity of its own, none of a file, and no billion of them', async () => {
    for (const type of ['<!ENTITY email "a@b.c">', '<!ENTITY email SYSTEM "file:///etc/passwd">'])
      expect((await requestOf({ body: `<!DOCTYPE a [${type}]><a><email>&email;</email></a>` })).email, type).to.equal(null);
    const laughs = Array.from({ length: 20 }, (_, n) => `<!ENTITY l${n + 1} "&l${n};&l${n};&l${n};">`).join('');
    const bomb = `<!DOCTYPE a [<!ENTITY l0 "ha">${laughs}]><a><email>&l20;</email><phone>1</phone></a>`;
    expect((await requestOf({ body: bomb })).email).to.equal(null);
    expect((await requestOf({ body: '<a><email>a&amp;b@c.d</email></a>' })).email).to.equal('a&b@c.d');
  });

  it('of XML is what stands before the place where it breaks, and nothing that is nested too deep', async () => {
    expect(await fieldsOf({ body: '<a><contactId>7</contactId><b></a>' })).to.deep.equal({ ...nothing, contactId: 7 });
    const deep = (levels: number) => `${'<x>'.repeat(levels)}<email>a@b.c</email>${'</x>'.repeat(levels)}`;
    expect((await requestOf({ body: deep(31) })).email).to.equal('a@b.c');
    expect((await requestOf({ body: deep(32) })).email).to.equal(null);
    expect((await requestOf({ body: '<x>'.repeat(80_000) })).email).to.equal(null);
  });

  it('of any hostile body is something or nothing, and what PostgreSQL can store', async () => {
    for (const { name, body } of readCorpus())
      for (const contentType of [null, 'application/json', 'application/xml', form]) {
        const { content } = await requestOf({ body, contentType });
        JSON.stringify(content, (key, value: unknown) => {
          for (const text of [key, value])
            if (typeof text === 'string') expect(text.isWellFormed() && !text.includes('\0'), name).to.equal(true);
          return value;
        });
      }
  });

  it('never fails, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(null, 'application/json', form),
        fc.string({ maxLength: 50 }),
        async (bytes, contentType, query) => {
          const request = await requestOf({ body: Buffer.from(bytes), contentType, query });
          expect(request.body).to.deep.equal(Buffer.from(bytes));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('The identity of a workflow request', () => {
  const keyOf = async (given: GivenRequest) => (await requestOf(given)).key;
  const body = { workflowInstanceId: 'run', n: 1 };

  it('is source, hook, run, method, query and bytes', async () => {
    const key = await keyOf({ body });
    expect(await keyOf({ body })).to.equal(key);
    for (const other of [
      { body: { ...body, n: 2 } },
      { body: '{ "workflowInstanceId":"run","n":1}' },
      { body: { ...body, workflowInstanceId: 'other' } },
      { body, source: 'other' },
      { body, hook: 'other' },
      { body, query: 'x=1' },
      { body, method: 'GET' as const },
    ])
      expect(await keyOf(other), JSON.stringify(other)).not.to.equal(key);
  });

  it('is source, hook and run where the hook counts once a run', async () => {
    const key = await keyOf({ body, oncePerRun: true });
    expect(await keyOf({ body: { ...body, n: 2 }, query: 'x', oncePerRun: true })).to.equal(key);
    expect(await keyOf({ body, hook: 'other', oncePerRun: true })).not.to.equal(key);
  });

  it('is its own where it belongs to no run', async () => {
    const [one, two] = [await requestOf({ body: { n: 1 } }), await requestOf({ body: { n: 1 }, oncePerRun: true })];
    expect([one.key, two.key]).to.deep.equal([one.id, two.id]);
  });
});
