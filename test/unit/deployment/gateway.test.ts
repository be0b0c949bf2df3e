import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { parseConfiguration, toMs } from '../../../packages/shared/src/index.js';

const text = readFileSync(new URL('../../../deploy/haproxy/haproxy.cfg', import.meta.url), 'utf8');
const { ingress } = parseConfiguration('sources: { main: { tokens: [a-token-of-tests] } }', 'vidhuk.yaml', {});

/** ms; of the directive's first mention. */
const timeout = (directive: RegExp): number => toMs(directive.exec(text)?.[1] ?? '');

describe('HAProxy of deploy/', () => {
  const usual = timeout(/^ {2}timeout server (\w+)$/m);
  const rule = /^ {2}http-request set-timeout server (\w+) if (.*)$/m;

  it('waits for a usual body at least as long as an ingress may take for it', () => {
    expect(usual).to.be.at.least(ingress.maxWaitMs + ingress.enqueueTimeoutMs);
    expect(timeout(/^ {2}timeout client (\w+)$/m)).to.be.above(ingress.idleTimeoutMs);
  });

  it('waits longer for a large one, which waits eight times as long for another one and then takes seconds', () => {
    expect(timeout(rule)).to.be.at.least(8 * ingress.maxWaitMs + ingress.enqueueTimeoutMs + 10_000);
  });

  it('knows a large one by its length, or by having none, or by being compressed', () => {
    const conditions = (rule.exec(text)?.[2] ?? '').split(' || ');
    expect(conditions).to.deep.equal([
      '{ req.hdr_val(content-length) gt 4194304 }',
      '!{ req.hdr(content-length) -m found }',
      '{ req.hdr(content-encoding) -m found }',
    ]);
  });
});
