import { expect } from 'chai';
import { StoreRoom, type Room } from '../../../packages/shared/src/index.js';
import { silentLog } from '../../support/log-lines.js';

describe('StoreRoom', () => {
  const open = async (answer: Room | null) => {
    let latest = answer;
    const room = new StoreRoom({ room: () => Promise.resolve(latest) }, 90, silentLog());
    await room.look();
    return { room, set: (next: Room) => (latest = next) };
  };

  it('lets in what fits below its bound, and counts what it has let in until it asks again', async () => {
    const { room, set } = await open({ usedBytes: 500, limitBytes: 1_000 });
    expect([room.takes(100), room.takes(75), room.takes(57)]).to.deep.equal([true, true, false]);
    set({ usedBytes: 880, limitBytes: 1_000 });
    await room.look();
    expect([room.takes(5), room.takes(4)]).to.deep.equal([true, false]);
    expect(room.fill).to.equal(0.885);
  });

  it('lets in a large one only where its copies have room too: on its way in, where it lies, on its way out', async () => {
    const { room } = await open({ usedBytes: 0, limitBytes: 1_000 });
    let taken = 0;
    while (room.takes(100)) taken++;
    expect(taken).to.equal(6);
    expect(room.takes(10)).to.equal(true);
  });

  it('lets in the largest one where there is little else', async () => {
    const { room } = await open({ usedBytes: 20, limitBytes: 1_000 });
    expect([room.takes(430), room.takes(430)]).to.deep.equal([true, false]);
  });

  it('lets in everything where there is no limit', async () => {
    const { room } = await open(null);
    expect([room.takes(Number.MAX_SAFE_INTEGER), room.fill]).to.deep.equal([true, Number.NaN]);
    await room.check();
  });
});
