import { expect } from 'chai';
import fc from 'fast-check';
import { Random } from '../../../packages/simulator/src/random.js';
import { uuidV1, uuidV4 } from '../../../packages/simulator/src/uuid.js';

describe('simulated UUIDs', () => {
  it('are of version 4 and of the variant of RFC 9562', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(uuidV4(new Random(seed))).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      }),
    );
  });

  it('of version 1 carry the time they were made at', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 4_000_000_000 }), (seed, epochSeconds) => {
        const uuid = uuidV1(new Random(seed), epochSeconds);
        expect(uuid).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        const [low = '', middle = '', high = ''] = uuid.split('-');
        const steps = BigInt(`0x${high.slice(1)}${middle}${low}`);
        const ms = Number(steps / 10_000n) - 12_219_292_800_000;
        expect(Math.abs(ms - epochSeconds * 1000)).to.be.below(1500);
      }),
    );
  });
});
