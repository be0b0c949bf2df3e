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
    expect([room.takes(300), room.takes(100), room.takes(101)]).to.deep.equal([true, true, false]);
    set({ usedBytes: 100, limitBytes: 1_000 });
    await room.look();
    expect([room.takes(800), room.takes(1)]).to.deep.equal([true, false]);
    expect(room.fill).to.equal(0.9);
  });

  it('lets in everything where there is no limit', async () => {
    const { room } = await open(null);
    expect([room.takes(Number.MAX_SAFE_INTEGER), room.fill]).to.deep.equal([true, Number.NaN]);
    await room.check();
  });
});
