import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigurationError,
  isReadByIngress,
  loadConfiguration,
  parseConfiguration,
  type Variables,
} from '../../../packages/shared/src/index.js';
import { rejection } from '../../support/poll.js';

const parse = (text: string, variables: Variables = {}) => parseConfiguration(text, 'vidhuk.yaml', variables);

function problemsOf(text: string, variables: Variables = {}): readonly string[] {
  try {
    parse(text, variables);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  throw new Error('no problem was found');
}

const minimal = 'sources: { main: { tokens: [secret] } }\n';

describe('parseConfiguration', () => {
  it('fills in every default', () => {
    const { sources, queue, ingress, worker } = parse(minimal);
    expect(sources).to.deep.equal({
      main: {
        tokens: ['secret'],
        timeZone: 'UTC',
        optIn: { endsUnsubscribed: true, endsComplaint: false },
        maxAhead: '1d',
        workflows: {},
      },
    });
    expect(queue).to.deep.equal({ allowVolatile: false, lockMs: 30_000, fullAtPercent: 90, keepFinished: '1h' });
    expect(ingress.maxBodyBytes).to.be.greaterThanOrEqual(50_000_000);
    expect(ingress.maxBytesInFlight).to.be.greaterThanOrEqual(ingress.maxBodyBytes);
    expect(worker.concurrency).to.be.greaterThan(0);
  });

  it('asks the ingress for no secret of what it does not do', () => {
    const text = `sources: { main: { tokens: ["\${TOKEN}"] } }
actions: [{ name: tell, run: http-request, with: { secret: "\${CRM_SECRET}" } }]`;
    const { sources } = parseConfiguration(text, 'vidhuk.yaml', { TOKEN: 'a-token' }, isReadByIngress);
    expect(sources.main?.tokens).to.deep.equal(['a-token']);
    expect(problemsOf(text, { TOKEN: 'a-token' })).to.have.length(1);
    expect(() => parseConfiguration(text, 'vidhuk.yaml', {}, isReadByIngress)).to.throw(/TOKEN is not set/);
  });

  it('takes merge keys, and anchors under names that begin with x-, as Compose files have them', () => {
    const text = `x-usual: &usual { timeZone: Europe/Kyiv, maxAhead: 2d }
sources: { main: { <<: *usual, tokens: [one] }, shop: { <<: *usual, tokens: [two], maxAhead: 1h } }`;
    const { main, shop } = parse(text).sources;
    expect(main).to.include({ timeZone: 'Europe/Kyiv', maxAhead: '2d' });
    expect(shop).to.include({ timeZone: 'Europe/Kyiv', maxAhead: '1h' });
    expect(problemsOf(`${minimal}y-usual: 1`)[0]).to.include('unknown setting "y-usual"');
  });

  it('refuses a proxy that is no address', () => {
    expect(problemsOf(`${minimal}ingress: { trustedProxies: [gateway] }`)[0]).to.match(
      /ingress\.trustedProxies\[0\]: must be an address, a network such as/,
    );
    expect(parse(`${minimal}ingress: { trustedProxies: [10.0.0.0/8, 'fd00::/8'] }`).ingress.trustedProxies).to.have.length(2);
  });

  it('refuses a proxy of the worker whose login is not written as in a URL, in a sentence without it', () => {
    const told = (proxy: string) => problemsOf(`${minimal}worker: { proxy: "${proxy}" }`).join();
    expect(told('http://me:50%off@proxy.example.com:3128'))
      .to.match(/worker\.proxy: has a "%" that is no percent-encoding: a percent sign is written %25$/)
      .and.not.include('off');
    expect(parse(`${minimal}worker: { proxy: "http://me:50%25off@proxy.example.com:3128" }`).worker.proxy).to.be.a('string');
  });

  it('takes hooks of workflows, and names what is wrong with one', () => {
    const hooks = (text: string) => `sources: { main: { tokens: [secret], workflows: ${text} } }\n`;
    expect(parse(hooks('{ a: {}, b: { answer: contact, once: [workflowInstanceId] } }')).sources.main?.workflows).to.deep.equal({
      a: { once: [] },
      b: { answer: 'contact', once: ['workflowInstanceId'] },
    });
    expect(problemsOf(hooks('{ "A b": {} }')).join()).to.include('"A b" cannot be a name');
    expect(problemsOf(hooks('{ a: { answer: contcat } }')).join()).to.include(
      'sources.main.workflows.a.answer: must be contact: what is known of the contact',
    );
    expect(problemsOf(hooks('{ a: { once: [contactId] } }')).join()).to.include(
      'sources.main.workflows.a.once[0]: must be workflowInstanceId',
    );
    expect(problemsOf(hooks('{ a: { anwser: contact } }')).join()).to.include('unknown setting "anwser": did you mean "answer"?');
  });

  it('lets a sender wait for less than the 30 s after which it may have gone', () => {
    const { maxWaitMs, enqueueTimeoutMs } = parse(minimal).ingress;
    expect(maxWaitMs + enqueueTimeoutMs).to.be.lessThan(30_000);
  });

  it('takes an environment variable for ${NAME}, in block and in flow style', () => {
    const variables = { FIRST: 'one', SECOND: 'two' };
    const block = 'sources:\n  main:\n    tokens:\n      - ${FIRST} # a comment with ${NONE}\n      - "a-${SECOND}-b"\n';
    expect(parse(block, variables).sources.main?.tokens).to.deep.equal(['one', 'a-two-b']);
    const flow =
      'sources:\n  main:\n    tokens: [${FIRST}, x${SECOND}]      # more than one during rotation\n    timeZone: UTC\n';
    expect(parse(flow, variables).sources.main?.tokens).to.deep.equal(['one', 'xtwo']);
  });

  it('cannot have its structure changed by the content of a variable', () => {
    const content = 'a"],timeZone:Europe/Kyiv}#${FIRST}-b:[';
    expect(parse('sources: { main: { tokens: [${T}] } }', { T: content }).sources.main?.tokens).to.deep.equal([content]);
  });

  it('cannot write to what all objects share, whatever its keys are', () => {
    const names = ['__proto__', 'constructor', 'prototype'];
    for (const name of names) {
      for (const text of [
        `${minimal}${name}: { polluted: 1 }\n`,
        `sources: { main: { tokens: [x], ${name}: { polluted: 1 } } }\n`,
        `sources: { ${name}: { tokens: [x], polluted: 1 } }\n`,
        `a: &a { ${name}: { polluted: 1 } }\n<<: *a\n${minimal}`,
      ])
        expect(problemsOf(text), text).to.not.be.empty;
      const action = parse(`${minimal}actions: [{ with: { ${name}: { polluted: 1 } } }]\n`).actions[0] as { with: object };
      expect(Object.keys(action.with)).to.deep.equal([name]);
    }
    expect({}).to.not.have.property('polluted');
    expect(() => undefined).to.not.have.property('polluted');
  });

  it('refuses aliases that multiply without end', () => {
    const level = (name: string, of: string) => `${name}: &${name} [${Array.from({ length: 10 }, () => `*${of}`).join()}]\n`;
    const bomb = `l0: &l0 [x]\n${Array.from({ length: 9 }, (_, index) => level(`l${index + 1}`, `l${index}`)).join('')}`;
    expect(() => parse(`${bomb}${minimal}`)).to.throw(/alias/i);
  });

  it('names every missing variable with its place', () => {
    const problems = problemsOf('sources: { main: { tokens: [${A}, b] }, other: { tokens: [x, ${B}] } }', { B: '' });
    expect(problems).to.have.length(2);
    expect(problems[0]).to.include('sources.main.tokens[0]').and.to.include('variable A is not set');
    expect(problems[1]).to.include('sources.other.tokens[1]').and.to.include('variable B is not set');
  });

  it('refuses times that no timer holds, each with its place', () => {
    const problems = problemsOf(
      `${minimal}ingress: { maxWaitMs: 2147483648, enqueueTimeoutMs: 2147483648, drainMs: 2147483648 }\nworker: { stuckAfterMs: 10000000000 }\n`,
    );
    expect(problems).to.have.length(4);
    for (const problem of problems) expect(problem).to.match(/Ms: must be <= 86400000$/);
  });

  it('lists every problem at once, each with file and path', () => {
    const problems = problemsOf(
      'sources: { main: { tokens: [1, ok], timeZone: Europe/Kiew } }\nqueue: { allowVolatile: maybe }\nworker: { concurrency: 0 }\n',
    );
    expect(problems).to.have.length(4);
    for (const problem of problems) expect(problem).to.match(/^vidhuk\.yaml: /);
    const all = problems.join('\n');
    expect(all).to.include('sources.main.tokens[0]: must be string');
    expect(all).to.include('sources.main.timeZone: is not a time zone').and.to.include('Europe/Kyiv');
    expect(all).to.include('queue.allowVolatile: must be boolean');
    expect(all).to.include('worker.concurrency: must be >= 1');
  });

  it('suggests the setting that was probably meant', () => {
    const [problem] = problemsOf('sources: { main: { tokens: [x], timezone: UTC } }');
    expect(problem).to.equal('vidhuk.yaml: sources.main: unknown setting "timezone": did you mean "timeZone"?');
    expect(problemsOf(`${minimal}workr: {}`)).to.deep.equal([
      'vidhuk.yaml: the top level: unknown setting "workr": did you mean "worker"?',
    ]);
  });

  it('passes over an unknown setting nowhere', () => {
    for (const part of ['queue', 'ingress', 'worker'])
      expect(problemsOf(`${minimal}${part}: { nonsense: 1 }\n`)[0], part).to.include(`${part}: unknown setting "nonsense"`);
    expect(problemsOf('sources: { main: { tokens: [x], optIn: { nonsense: 1 } } }')[0]).to.include('unknown setting "nonsense"');
  });

  it('lists the known settings where none is near', () => {
    const [problem] = problemsOf('sources: { main: { tokens: [x], passphrase: y } }');
    expect(problem).to.include('unknown setting "passphrase"').and.to.include('tokens, timeZone');
  });

  for (const name of ['Main', 'with space', 'ümlaut', '-first', '__proto__', 'a/b', 'x'.repeat(64)])
    it(`refuses ${JSON.stringify(name)} as a source's name`, () => {
      const problems = problemsOf(`sources: { ${JSON.stringify(name)}: { tokens: [x] } }`);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.include(`"${name}" cannot be a name`);
    });

  it('wants at least one source, with at least one token that is not empty', () => {
    expect(problemsOf('')).to.deep.equal(["vidhuk.yaml: the top level: must have required property 'sources'"]);
    expect(problemsOf('sources: {}')[0]).to.include('sources: ');
    expect(problemsOf('sources: { main: {} }')[0]).to.include('sources.main: ').and.to.include('tokens');
    expect(problemsOf('sources: { main: { tokens: [] } }')[0]).to.include('sources.main.tokens: ');
    expect(problemsOf('sources: { main: { tokens: [""] } }')[0]).to.include('sources.main.tokens[0]: ');
  });

  it('points to the line of a YAML error, and shows the text as it was written', () => {
    const [problem] = problemsOf('sources:\n  main: { tokens: [${A} }\n');
    expect(problem).to.include('vidhuk.yaml: ').and.to.include('line 2').and.to.include('[${A} }');
  });

  it('refuses a document that is no map', () => {
    for (const text of ['- a\n', 'sources', '42']) expect(problemsOf(text)[0]).to.include('must be object');
  });

  it('never shows the content of a variable', () => {
    const problems = problemsOf('sources: { main: { tokens: { a: ${TOKEN} }, timeZone: ${TOKEN} } }', { TOKEN: 'hush-hush' });
    expect(problems.join('\n')).to.not.include('hush-hush');
  });
});

describe('loadConfiguration', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vidhuk-config-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('reads the file', async () => {
    const path = join(folder, 'good.yaml');
    await writeFile(path, minimal);
    expect((await loadConfiguration(path, {})).sources).to.have.property('main');
  });

  it('says which file is missing and which variable names another', async () => {
    const path = join(folder, 'missing.yaml');
    const error = await rejection(loadConfiguration(path, {}));
    expect(error).to.be.instanceOf(ConfigurationError);
    expect(error.message).to.include(path).and.to.include('VIDHUK_CONFIG');
  });

  it('judges no reference that this process does not read, such as the proxy of workers in an ingress', () => {
    const text = 'sources: { main: { tokens: [a-token-of-tests] } }\nworker: { proxy: "${HTTPS_PROXY}" }\n';
    const read = (variables: Record<string, string>, isRead?: typeof isReadByIngress) =>
      parseConfiguration(text, 'vidhuk.yaml', variables, isRead);
    expect(() => read({}, isReadByIngress)).not.to.throw();
    expect(() => read({ HTTPS_PROXY: 'no URL' })).to.throw(/worker\.proxy/);
    expect(() => read({ HTTPS_PROXY: 'http://proxy.example.com:3128' })).not.to.throw();
  });
});
