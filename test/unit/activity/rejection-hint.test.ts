import { expect } from 'chai';
import { parseBatch } from '../../../packages/worker/src/activity/parse-batch.js';

const rejected = (body: string) =>
  parseBatch(Buffer.from(body), { source: 'main', timeZone: 'UTC' }).rejections.map(({ contactId, movesFlag }) => [
    contactId,
    movesFlag,
  ]);
const broken = { activityDateTime: 'long ago', contactId: 5 };

describe('what a broken element still tells', () => {
  it('is whom it is about, and whether it would have moved a flag', () => {
    for (const [fields, hint] of [
      [{ activityStatus: 'UNSUBSCRIBED' }, [5, true]],
      [{ activityStatus: ' spam ' }, [5, true]],
      [{ activityStatus: 'SUBSCRIPTION_CHANGED', contactId: '5' }, [5, true]],
      [{ activityStatus: 'UNDELIVERED', hardBounce: 'perhaps' }, [5, true]],
      [{ activityStatus: 'UNDELIVERED', hardBounce: 'false' }, [5, false]],
      [{ activityStatus: 'UNDELIVERED', hardBounce: ' FALSE ' }, [5, false]],
      [{ activityStatus: 'UNDELIVERED', hardBounce: 1 }, [5, true]],
      [{ activityStatus: 'UNDELIVERED', hardBounce: '0' }, [5, false]],
      [{ activityStatus: 'UNDELIVERED' }, [5, false]],
      [{ activityStatus: 'READ', contactId: 0 }, [null, false]],
      [{ activityStatus: 'READ', contactId: 1 }, [1, false]],
      [{ activityStatus: 'READ', contactId: 1.5 }, [null, false]],
      [{ activityStatus: 'READ', contactId: 2 ** 53 }, [null, false]],
      [{ activityStatus: 7, contactId: {} }, [null, false]],
      [{ activityStatus: 7, contactId: [7] }, [null, false]],
    ] as const)
      expect(rejected(JSON.stringify([{ ...broken, ...fields }])), JSON.stringify(fields)).to.deep.equal([hint]);
    expect(rejected('[7, null]')).to.deep.equal([
      [null, false],
      [null, false],
    ]);
  });

  it('is read in a body that is no JSON, too', () => {
    expect(rejected('[{"activityStatus":"UNSUBSCRIBED",')).to.deep.equal([[null, true]]);
    expect(rejected('[{"hardBounce" : true')).to.deep.equal([[null, true]]);
    expect(rejected('<html>')).to.deep.equal([[null, false]]);
  });
});
