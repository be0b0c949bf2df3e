import { Writable } from 'node:stream';
import { expect } from 'chai';
import { createLogger } from '../../../packages/shared/src/index.js';

function logged(fields: object): Record<string, unknown> {
  let text = '';
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  createLogger('test', 'info', destination).warn(fields, 'trouble');
  return JSON.parse(text) as Record<string, unknown>;
}

describe('the logger', () => {
  it('tells an error’s kind, message, stack and code, and nothing of what else hangs on it', () => {
    const client = { secretKey: 4711, parsedStatements: { hot: 'x'.repeat(30_000) } };
    const error = Object.assign(new RangeError('connection lost', { cause: new Error('reset') }), { code: '57P01', client });
    const { err, ...rest } = logged({ err: error });
    expect(rest).to.include({ level: 40, name: 'test', msg: 'trouble' });
    expect(err).to.have.all.keys('type', 'message', 'stack', 'code');
    expect(err).to.include({ type: 'RangeError', message: 'connection lost: reset', code: '57P01' });
  });

  it('leaves alone what is no error', () => {
    expect(logged({ err: 'a plain message' }).err).to.equal('a plain message');
  });
});
