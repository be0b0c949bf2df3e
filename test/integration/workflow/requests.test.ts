import { expect } from 'chai';
import type { RunStep } from '../../../packages/worker/src/workflow/index.js';
import { readCorpus } from '../../support/corpus.js';
import { send } from '../../support/http.js';
import { usePipeline, type Pipeline } from '../../support/pipeline.js';
import { until } from '../../support/poll.js';
import { runCli } from '../../support/run-cli.js';
import { storeKinds } from '../../support/stores.js';

interface Row {
  id: string;
  hook: string;
  method: string;
  query: unknown;
  content_type: string | null;
  body: Buffer;
  contact_id: string | null;
  external_customer_id: string | null;
  email: string | null;
  phone: string | null;
  workflow_instance_id: string | null;
}

/** Sends a request, expects 200, and gives its id. */
async function request(
  pipeline: Pipeline,
  hook: string,
  body: string | Buffer | undefined,
  { query = '', headers = {} }: { query?: string; headers?: Record<string, string> } = {},
): Promise<string> {
  const url = `${await pipeline.hook(hook)}${query}`;
  const method = body === undefined ? 'GET' : 'POST';
  const answer = await send(url, { method, headers, ...(body === undefined ? {} : { body }) });
  expect(answer.status, answer.body).to.equal(200);
  return (JSON.parse(answer.body) as { id: string }).id;
}

/** Once it and all before it are through: the worker has nothing in hand. */
async function stored(pipeline: Pipeline, id: string): Promise<Row> {
  return until('the request is stored', async () => {
    const rows = await pipeline.query<Row>('select * from vidhuk.workflow_request where id = $1', [id]);
    return rows[0];
  });
}

for (const kind of storeKinds)
  describe(`requests of workflows, from HTTP to the table, queue on ${kind}`, function () {
    this.timeout(120_000);
    const pipeline = usePipeline(kind);

    it('are stored as received, with what they name', async () => {
      const body = '{"contactId":"42","email":"$email","phone":"380501234567","workflowInstanceId":"RUN-1","orderId":"$!data"}';
      const id = await request(pipeline(), 'order-paid', body, {
        headers: { 'Content-Type': 'application/json' },
        query: '?a=1&a=2&b=%00',
      });
      const row = await stored(pipeline(), id);
      expect(row.body.toString()).to.equal(body);
      expect(row.query).to.deep.equal({ a: ['1', '2'], b: '\u{FFFD}' });
      expect(row).to.include({
        ...{ hook: 'order-paid', method: 'POST', content_type: 'application/json', contact_id: '42', email: null },
        ...{ phone: '380501234567', workflow_instance_id: 'RUN-1' },
      });
    });

    it('are the same when hook, run and bytes are: then the first stays', async () => {
      const body = '{"workflowInstanceId":"run-2","n":1}';
      const first = await request(pipeline(), 'order-paid', body);
      await stored(pipeline(), first);
      await request(pipeline(), 'order-paid', body);
      const other = await request(pipeline(), 'order-paid', '{"workflowInstanceId":"run-2","n":2}');
      const hook = await request(pipeline(), 'once', body);
      await stored(pipeline(), other);
      await stored(pipeline(), hook);
      const rows = await pipeline().query<Row>(`select id from vidhuk.workflow_request where workflow_instance_id = 'run-2'`);
      expect(rows.map(({ id }) => id)).to.have.members([first, other, hook]);
    });

    it('count once a run where the hook says so, whatever their bodies', async () => {
      const first = await request(pipeline(), 'once', '{"workflowInstanceId":"run-3","n":1}');
      await stored(pipeline(), first);
      await request(pipeline(), 'once', '{"workflowInstanceId":"run-3","n":2}');
      await request(pipeline(), 'once', undefined, { query: '?workflowInstanceId=run-3' });
      const next = await request(pipeline(), 'once', '{"workflowInstanceId":"run-4"}');
      await stored(pipeline(), next);
      const rows = await pipeline().query<Row>(`select id from vidhuk.workflow_request where workflow_instance_id = 'run-3'`);
      expect(rows).to.deep.equal([{ id: first }]);
    });

    it('that belong to no run count each', async () => {
      const ids = [await request(pipeline(), 'once', '{"n":9}'), await request(pipeline(), 'once', '{"n":9}')];
      for (const id of ids) expect((await stored(pipeline(), id)).body.toString()).to.equal('{"n":9}');
    });

    it('by GET are told apart by their query', async () => {
      const [one, two] = ['?workflowInstanceId=run-5&n=1', '?workflowInstanceId=run-5&n=2'];
      const first = await request(pipeline(), 'order-paid', undefined, { query: one });
      await request(pipeline(), 'order-paid', undefined, { query: one });
      const second = await request(pipeline(), 'order-paid', undefined, { query: two });
      await stored(pipeline(), first);
      await stored(pipeline(), second);
      const rows = await pipeline().query<Row>(`select id from vidhuk.workflow_request where workflow_instance_id = 'run-5'`);
      expect(rows.map(({ id }) => id)).to.have.members([first, second]);
    });

    it('of any shape are stored byte for byte: none is refused', async () => {
      for (const { name, body } of readCorpus()) {
        for (const type of ['application/json', 'application/xml', 'application/x-www-form-urlencoded']) {
          const id = await request(pipeline(), 'order-paid', body, { headers: { 'Content-Type': type } });
          expect((await stored(pipeline(), id)).body, `${name} as ${type}`).to.deep.equal(body);
        }
      }
    });

    it('wait for as long as the database does not take them, and are then stored, each once', async () => {
      await pipeline().query('alter table vidhuk.workflow_request_key rename to gone');
      const ids: string[] = [];
      try {
        for (let n = 0; n < 5; n++)
          ids.push(await request(pipeline(), 'order-paid', JSON.stringify({ workflowInstanceId: 'held up', n })));
        await until('it has failed', () =>
          pipeline()
            .worker.lines()
            .some(({ msg }) => msg === 'a job could not be done and waits'),
        );
        expect(
          await pipeline().query(`select from vidhuk.workflow_request where workflow_instance_id = 'held up'`),
        ).to.deep.equal([]);
      } finally {
        await pipeline().query('alter table vidhuk.gone rename to workflow_request_key');
      }
      for (const id of ids) await stored(pipeline(), id);
      const rows = await pipeline().query(`select from vidhuk.workflow_request where workflow_instance_id = 'held up'`);
      expect(rows).to.have.length(5);
    });

    it('stand beside the activities of their run, in order of time, in "vidhuk workflow"', async () => {
      const run = 'C0FFEE00-0000-1000-8000-00000000000A';
      const element = { contactId: 7, mediaType: 'email', email: 'a@b.c', workflowInstanceId: run, messageId: 5, iid: 'i-1' };
      await pipeline().deliver(
        JSON.stringify([
          { ...element, activityStatus: 'READ', activityDateTime: '2020-01-01T10:00:05' },
          { ...element, activityStatus: 'DELIVERED', activityDateTime: '2020-01-01T10:00:00' },
        ]),
      );
      const id = await request(pipeline(), 'order-paid', `{"contactId":"7","workflowInstanceId":"${run.toLowerCase()}"}`);
      await stored(pipeline(), id);
      const variables = { DATABASE_URL: pipeline().stores.databaseUrl };
      const { code, json } = await runCli(variables, 'workflow', run, '--json');
      expect(code).to.equal(0);
      const { steps, workflowInstanceId } = json() as { steps: RunStep[]; workflowInstanceId: string };
      expect(workflowInstanceId).to.equal(run.toLowerCase());
      expect(steps.map((step) => [step.kind, step.activity?.status ?? step.request?.id])).to.deep.equal([
        ['activity', 'DELIVERED'],
        ['activity', 'READ'],
        ['request', id],
      ]);
      const { stdout } = await runCli(variables, 'workflow', run);
      expect(stdout).to.match(/DELIVERED +email +message 5 +7\n.*READ +email +message 5 +7\n.*POST order-paid .*"contactId":"7"/);
      const nothing = await runCli(variables, 'workflow', 'no such run');
      expect([nothing.code, nothing.stderr]).to.deep.equal([
        1,
        'Neither a request nor an activity of the run "no such run" has come in.\n',
      ]);
    });
  });
