import { expect } from 'chai';
import { cannotHeal, explainConnectionFailure } from '../../../packages/shared/src/index.js';

const url = 'postgres://ann:s3cret%40word@db.example:5433/vidhuk?sslmode=disable';
const failure = (code: string, message = 'as the driver says') => Object.assign(new Error(message), { code });
const explain = (error: unknown, at = url) => explainConnectionFailure(error, at, 'DATABASE_URL');

describe('What is told of a connection that fails', () => {
  const cases: [string, unknown, RegExp, boolean][] = [
    [
      'no password',
      new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'),
      /^DATABASE_URL has no password, .*db\.example:5433.*: write postgres:\/\/ann:PASSWORD@db\.example:5433\/vidhuk$/,
      false,
    ],
    ['a wrong password', failure('28P01'), /refuses the password of the user "ann": mend it in DATABASE_URL/, false],
    ['a user who may not log in', failure('28000', 'role "ann" is not permitted to log in'), /not permitted to log in/, false],
    ['no such database', failure('3D000'), /has no database "vidhuk": make it with "create database"/, false],
    ['no free connection', failure('53300'), /no free connection .*max_connections/, true],
    ['a server that starts', failure('57P03', 'the database system is starting up'), /is starting up\): wait a moment/, true],
    ['nothing there', failure('ECONNREFUSED'), /nothing listens at db\.example:5433 .*: start it, or mend DATABASE_URL/, true],
    ['an unknown host', failure('ENOTFOUND'), /the host of db\.example:5433 is unknown/, true],
    [
      'options that the server does not know',
      failure('42704', 'unrecognized configuration parameter "nonsense"'),
      /db\.example:5433 does not take the options of the URL \(unrecognized .*"nonsense"\): mend them in DATABASE_URL/,
      false,
    ],
    [
      'a database that Redis does not have',
      new Error('ERR DB index is out of range'),
      /has no database vidhuk: mend the number in DATABASE_URL/,
      false,
    ],
    [
      'a certificate that is not there',
      failure('ENOENT', "ENOENT: no such file or directory, open '/nowhere.pem'"),
      /a file that DATABASE_URL names cannot be read \(.*nowhere\.pem/,
      false,
    ],
    ['a socket that is not there yet', failure('ENOENT', 'connect ENOENT /run/.s.PGSQL.5432'), /cannot be used/, true],
    ['no TLS', new Error('The server does not support SSL connections'), /speaks no TLS/, false],
    ['no answer', new Error('timeout expired'), /db\.example:5433 does not answer/, true],
    ['what nobody foresaw', new Error('two\nlines'), /db\.example:5433 cannot be used \(two; lines\)/, true],
  ];
  for (const [what, error, told, canHeal] of cases)
    it(`of ${what}: in one line, without the password, and whether waiting can help`, () => {
      const explained = explain(error);
      expect(explained.message).to.match(told);
      expect(explained.message).not.to.match(/\n|s3cret/);
      expect(explained.canHeal).to.equal(canHeal);
      expect(cannotHeal(explained)).to.equal(!canHeal);
    });

  it('finds the reason where each address of a name failed for itself', () => {
    const each = new AggregateError([failure('ECONNREFUSED', 'connect ECONNREFUSED ::1:5432'), failure('ECONNREFUSED')]);
    expect(explain(each).message).to.contain('connection refused');
  });

  it('names the usual port where the URL has none, and Redis by its own', () => {
    expect(explain(failure('ECONNREFUSED'), 'postgres://h/x').message).to.contain('h:5432');
    expect(explain(new Error('Ready check failed: NOAUTH Authentication required.'), 'redis://h').message).to.match(
      /at h:6379 asks for one: write redis:\/\/USER:PASSWORD@h/,
    );
  });

  it('explains nothing twice, and takes nothing else for what cannot heal', () => {
    const explained = explain(failure('28P01'));
    expect(explain(explained)).to.equal(explained);
    expect(cannotHeal(failure('28P01'))).to.be.false;
  });
});
