import { expect } from 'chai';
import type { LookupFunction } from 'node:net';
import { sharedLookup } from '../../../packages/worker/src/handlers/http/shared-lookup.js';

type Callback = Parameters<LookupFunction>[2];

/** A resolver that answers when it is told to. */
function resolver() {
  const asked: { hostname: string; answer: (address: string) => void; fail: () => void }[] = [];
  const lookup: LookupFunction = (hostname, _options, callback) => {
    asked.push({
      hostname,
      answer: (address) => callback(null, address, 4),
      fail: () => callback(Object.assign(new Error('away'), { code: 'EAI_AGAIN' }), []),
    });
  };
  return { asked, lookup: sharedLookup(lookup) };
}

describe('sharedLookup', () => {
  const ask = (lookup: LookupFunction, hostname: string) =>
    new Promise<string>((resolve) => {
      const tell: Callback = (error, address) => resolve(error === null ? (address as string) : (error.code ?? ''));
      lookup(hostname, { all: false }, tell);
    });

  it('asks for a name once, however many want it at once, and remembers the answer for a moment', async () => {
    const { asked, lookup } = resolver();
    const answers = Array.from({ length: 50 }, () => ask(lookup, 'one.test'));
    expect(asked).to.have.length(1);
    asked[0]?.answer('192.0.2.1');
    expect(new Set(await Promise.all(answers))).to.deep.equal(new Set(['192.0.2.1']));
    expect(await ask(lookup, 'one.test')).to.equal('192.0.2.1');
    expect(asked).to.have.length(1);
  });

  it('remembers no failure', async () => {
    const { asked, lookup } = resolver();
    const first = ask(lookup, 'one.test');
    asked[0]?.fail();
    expect(await first).to.equal('EAI_AGAIN');
    const second = ask(lookup, 'one.test');
    asked[1]?.answer('192.0.2.1');
    expect(await second).to.equal('192.0.2.1');
  });

  it('lets names that do not answer take no more than their share, so that others are looked up meanwhile', async () => {
    const { asked, lookup } = resolver();
    void ask(lookup, 'dead.test');
    void ask(lookup, 'dead.test');
    const alive = ask(lookup, 'alive.test');
    asked.find(({ hostname }) => hostname === 'alive.test')?.answer('192.0.2.2');
    expect(await alive).to.equal('192.0.2.2');
    expect(asked.filter(({ hostname }) => hostname === 'dead.test')).to.have.length(1);
  });

  it('puts names that were slow behind each other, however many they are', async () => {
    const { asked, lookup } = resolver();
    const now = performance.now.bind(performance);
    let shift = 0;
    performance.now = () => now() + shift;
    try {
      for (const name of ['a.test', 'b.test', 'c.test']) {
        const answered = ask(lookup, name);
        shift += 2_000;
        asked.at(-1)?.fail();
        await answered;
      }
    } finally {
      performance.now = now;
    }
    const before = asked.length;
    for (const name of ['a.test', 'b.test', 'c.test']) void ask(lookup, name);
    expect(asked.length - before, 'one at a time').to.equal(1);
    const alive = ask(lookup, 'alive.test');
    asked.at(-1)?.answer('192.0.2.2');
    expect(await alive).to.equal('192.0.2.2');
  });
});
