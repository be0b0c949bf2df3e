import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { parseConfiguration, toMs } from '../../../packages/shared/src/index.js';

const text = readFileSync(new URL('../../../deploy/haproxy/haproxy.cfg', import.meta.url), 'utf8');
/** By their first lines, such as `backend ingress`. */
const parts = new Map(text.split(/^(?=[a-z])/m).map((part) => [part.split('\n', 1)[0] ?? '', part]));
const { ingress } = parseConfiguration('sources: { main: { tokens: [a-token-of-tests] } }', 'vidhuk.yaml', {});

/** ms. */
const timeout = (part: string, directive: RegExp): number => toMs(directive.exec(parts.get(part) ?? '')?.[1] ?? '');

describe('HAProxy of deploy/', () => {
  const forLarge = /^ {2}http-request set-timeout server (\w+) if (.*)$/m;
  const toIngresses = ['backend ingress', 'backend ingress-any'];

  it('waits for a usual body at least as long as an ingress may take for it', () => {
    expect(timeout('defaults', /^ {2}timeout server (\w+)$/m)).to.be.at.least(ingress.maxWaitMs + ingress.enqueueTimeoutMs);
    expect(timeout('defaults', /^ {2}timeout client (\w+)$/m)).to.be.above(ingress.idleTimeoutMs);
  });

  it('sets times of servers in backends only: with a frontend that does, it does not start', () => {
    const setting = [...parts].filter(([, part]) => part.includes('set-timeout server')).map(([name]) => name);
    expect(setting).to.deep.equal(toIngresses);
  });

  for (const part of toIngresses) {
    it(`${part} waits longer for a large body, which waits eight times as long for another one and then takes seconds`, () => {
      expect(timeout(part, forLarge)).to.be.at.least(8 * ingress.maxWaitMs + ingress.enqueueTimeoutMs + 10_000);
    });

    it(`${part} knows a large body by its length, or by having none, or by being compressed`, () => {
      const conditions = (forLarge.exec(parts.get(part) ?? '')?.[2] ?? '').split(' || ');
      expect(conditions).to.deep.equal([
        '{ req.hdr_val(content-length) gt 4194304 }',
        '!{ req.hdr(content-length) -m found }',
        '{ req.hdr(content-encoding) -m found }',
      ]);
    });
  }
});
