import { expect } from 'chai';
import { redact } from '../../../packages/cli/src/output/redact.js';

describe('what is shown of a request', () => {
  it('covers what names a secret, and not the idempotency key', () => {
    const headers = { 'x-api-key': 's', authorization: 's', 'idempotency-key': '01a2', 'webhook-id': '01a2' };
    expect(redact({ headers })).to.deep.equal({
      headers: { 'x-api-key': '•••', authorization: '•••', 'idempotency-key': '01a2', 'webhook-id': '01a2' },
    });
  });
});
