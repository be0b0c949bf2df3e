import type { ValidateFunction } from 'ajv';
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { promisify } from 'node:util';
import { readPages } from '../../docs/markdown/pages.js';
import { configurationsOf } from '../../docs/schema/configurations-of.js';
import { mutate } from '../../docs/schema/mutate.js';
import { renderSchema, schemaPath } from '../../docs/schema/render-schema.js';
import {
  problemsOfActions,
  problemsOfProgram,
  problemsOfSchema,
  problemsOfSettings,
  problemsOfValue,
  readValidator,
} from '../../docs/schema/verdicts.js';

/** Every setting once. */
const settings = {
  sources: {
    main: {
      tokens: ['a', 'b'],
      timeZone: 'Europe/Kyiv',
      workflows: { ask: { answer: 'contact', once: ['workflowInstanceId'] } },
    },
  },
  handlers: [],
  queue: { allowVolatile: true, lockMs: 20_000 },
  ingress: { maxBodyBytes: 4096, maxBytesInFlight: 8192, maxWaitMs: 0, enqueueTimeoutMs: 100, drainMs: 5 },
  worker: {
    concurrency: 1,
    databaseConnections: 4,
    maxTransactions: 1,
    maxActivitiesPerTransaction: 1,
    maxBytesInFlight: 2048,
    stuckAfterMs: 1_000,
  },
};

/** Every setting of actions, but for those that exclude each other. */
const actions = [
  {
    name: 'tell-crm',
    when: {
      status: ['UNSUBSCRIBED', 'SPAM'],
      mediaType: 'email',
      source: 'main',
      messageTag: 'news',
      broadcastId: [1, 2],
      workflowId: 3,
      messageId: 4,
      hardBounce: false,
      addressDomain: 'example.com',
      not: { messageTag: ['test'] },
      becomes: 'unsubscribed',
      channel: true,
    },
    run: 'http-request',
    with: {
      url: 'https://crm.example.com/{{ activity.contactId }}',
      method: 'PUT',
      headers: { 'X-Key': 'k' },
      body: { id: '{{ activity.key }}' },
      secret: ['one', 'two'],
      allowPrivateNetwork: false,
    },
    timeoutMs: 1_000,
    retry: { attempts: 3, maxDelay: '5m' },
    concurrency: 1,
    rateLimit: { max: 5, perMs: 1_000 },
    maxPerContact: { count: 1, perMs: 60_000 },
    enabled: false,
    dryRun: true,
  },
  { name: 'log-all', when: {}, run: 'log', with: { message: 'seen' }, group: { max: 10, withinMs: 0 }, retry: { maxDelay: 500 } },
  {
    name: 'of-requests',
    when: {
      workflow: ['order-paid'],
      source: 'main',
      body: { '$.a': 1, b: ['x', true], c: { equals: 'y' }, d: { in: [1] }, e: { exists: false } },
    },
    run: 'log',
  },
  { name: 'in-database', when: {}, run: 'postgres-function', with: { function: 'crm.on_activity' } },
  {
    name: 'event',
    when: {},
    run: 'esputnik-request',
    with: { call: 'event', apiKey: 'k', eventTypeKey: 'left', keyValue: 'x', params: [{ name: 'a', value: 1 }] },
  },
  { name: 'into-group', when: {}, run: 'esputnik-request', with: { call: 'attach-to-group', apiKey: 'k', groupId: 1 } },
  { name: 'subscribe', when: {}, run: 'esputnik-request', with: { call: 'set-subscriptions', apiKey: 'k', subscriptions: [] } },
  {
    name: 'leave',
    when: {},
    run: 'esputnik-request',
    with: { call: 'unsubscribe', apiKey: 'k', baseUrl: 'https://yespo.io/api' },
  },
];

describe('the JSON Schema of vidhuk.yaml', () => {
  let validate: ValidateFunction;
  before(async () => (validate = await readValidator()));

  it('is what "npm run schema" writes now', async () => {
    expect(await readFile(schemaPath, 'utf8')).to.equal(await renderSchema());
  });

  it('is named in the first line of vidhuk.yaml, for editors', async () => {
    const [first = ''] = (await readFile('vidhuk.yaml', 'utf8')).split('\n');
    const path = /^# yaml-language-server: \$schema=(\S+)$/.exec(first)?.[1];
    expect(path).to.be.a('string');
    expect(existsSync(path!)).to.be.true;
    // In production a copy of it stands in config/, with the path as from there.
    const change = /sed '(s#[^#]+#[^#]+#)' vidhuk\.yaml >config\/vidhuk\.yaml/.exec(
      await readFile('deploy/prepare.sh', 'utf8'),
    )?.[1];
    expect(change).to.be.a('string');
    const { stdout } = await promisify(execFile)('sed', [change!, 'vidhuk.yaml']);
    expect(stdout.split('\n')[0]).to.equal(`# yaml-language-server: $schema=${relative('config', path!)}`);
  });

  it('takes vidhuk.yaml and every example of the documentation, as the program does', async () => {
    const examples = [
      { place: 'vidhuk.yaml', text: await readFile('vidhuk.yaml', 'utf8') },
      ...configurationsOf(await readPages()),
    ];
    expect(examples).to.have.length.greaterThan(1);
    for (const { place, text } of examples) {
      expect(problemsOfProgram(text), `${place}\n${text}`).to.deep.equal([]);
      expect(problemsOfSchema(validate, text), `${place}\n${text}`).to.deep.equal([]);
    }
  });

  /** Compares what is said of every change; gives how many were refused. */
  const refusedBy = (changes: Iterable<readonly [string, unknown]>, problemsOf: (changed: unknown) => string[]): number => {
    let refused = 0;
    for (const [change, changed] of changes) {
      const ofProgram = problemsOf(changed);
      const ofSchema = problemsOfValue(validate, changed);
      const said = `${change}\nthe program: ${ofProgram.join('; ')}\nthe schema: ${ofSchema.join('; ')}`;
      expect(ofSchema.length > 0, said).to.equal(ofProgram.length > 0);
      if (ofProgram.length > 0) refused++;
    }
    return refused;
  };

  it('refuses what the program refuses, wherever a setting is missing, misspelt or of another kind', () => {
    expect(problemsOfValue(validate, settings)).to.deep.equal([]);
    expect(refusedBy(mutate(settings), problemsOfSettings)).to.be.greaterThan(50);
  });

  it('and so it does in actions', () => {
    expect(problemsOfValue(validate, { ...settings, actions })).to.deep.equal([]);
    for (const action of actions) {
      const changes = [...mutate(action)].map(([change, changed]) => [change, { ...settings, actions: [changed] }] as const);
      expect(
        refusedBy(changes, (changed) => problemsOfActions((changed as { actions: unknown[] }).actions)),
        action.name,
      ).to.be.greaterThan(5);
    }
  });

  it('takes a variable wherever a text stands', () => {
    const text =
      'sources: { main: { tokens: [${T}] } }\nactions: [{ name: ${N}, when: { status: ${S} }, run: http-request, with: { url: https://${H}/a, method: ${M} } }]\n';
    expect(problemsOfSchema(validate, text)).to.deep.equal([]);
  });

  it('knows no handler but the built-in ones, until the file names others', () => {
    const text = 'sources: { main: { tokens: [x] } }\nactions: [{ name: a, when: {}, run: crm }]\n';
    expect(problemsOfSchema(validate, text).join()).to.include('/actions/0/run');
    expect(problemsOfSchema(validate, `${text}handlers: [./crm.js]\n`)).to.deep.equal([]);
  });
});
