import { expect } from 'chai';
import { failureKind } from '../../../packages/worker/src/db/failure.js';

const withCode = (code: unknown) => Object.assign(new Error('refused'), { code });

describe('failureKind', () => {
  for (const [code, kind] of [
    ['22P05', 'data'],
    ['22003', 'data'],
    ['21000', 'data'],
    ['23514', 'data'],
    ['54000', 'data'],
    ['40001', 'conflict'],
    ['40P01', 'conflict'],
    ['55P03', 'conflict'],
    ['57P01', 'infrastructure'],
    ['57014', 'infrastructure'],
    ['53100', 'infrastructure'],
    ['08006', 'infrastructure'],
    ['42P01', 'infrastructure'],
    ['ECONNREFUSED', 'infrastructure'],
    ['EPIPE', 'infrastructure'],
    [22003, 'infrastructure'],
  ] as const)
    it(`${JSON.stringify(code)} is ${kind}`, () => {
      expect(failureKind(withCode(code))).to.equal(kind);
    });

  it('what is no error of the database is infrastructure: wait, never quarantine', () => {
    for (const error of [new Error('timeout exceeded when trying to connect'), new TypeError('x'), 'text', undefined])
      expect(failureKind(error)).to.equal('infrastructure');
  });
});
