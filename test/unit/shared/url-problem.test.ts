import { expect } from 'chai';
import { urlProblem } from '../../../packages/shared/src/index.js';

const postgres = ['postgres:', 'postgresql:'];
const problemOf = (url: string, schemes: readonly string[] = postgres): string | null => urlProblem(url, schemes);

describe('urlProblem', () => {
  it('finds nothing wrong with what is right', () => {
    for (const url of [
      'postgres://u:p@db/vidhuk',
      'postgresql://u:p%23%25%2F%40@127.0.0.1:5432/vidhuk?sslmode=require',
      'postgres://db',
      'POSTGRES://[::1]:5432/x',
      'postgres://u:p@%2Fvar%2Frun%2Fpostgresql/vidhuk',
      'postgres://u@db/vidhuk?application_name=a@b',
    ])
      expect(problemOf(url), url).to.equal(null);
    expect(problemOf('redis://:p@cache:6379/1', ['redis:', 'rediss:'])).to.equal(null);
  });

  it('names a character of the password that has to be percent-encoded, and not the password', () => {
    for (const [url, sign, code] of [
      ['postgres://vidhuk:p#ss-hush@127.0.0.1:5432/vidhuk', '#', '%23'],
      ['postgres://vidhuk:12#4-hush@127.0.0.1/vidhuk', '#', '%23'],
      ['postgres://vidhuk:12/4-hush@127.0.0.1/vidhuk', '/', '%2F'],
      ['postgres://vidhuk:12?4-hush@127.0.0.1/vidhuk', '?', '%3F'],
      ['postgres://vidhuk:50%off-hush@127.0.0.1:5432/vidhuk', '%', '%25'],
    ] as const) {
      expect(problemOf(url), url).to.include(`"${sign}"`).and.to.include(code).and.not.to.include('hush');
    }
    expect(problemOf('redis://:50%off@127.0.0.1:6379', ['redis:'])).to.include('%25');
  });

  it('names the forms of psql that are not taken', () => {
    expect(problemOf('postgres://vidhuk:pw@/vidhuk?host=/var/run/postgresql'))
      .to.include('names no host')
      .and.to.include('%2Fvar%2Frun');
    expect(problemOf('postgres://vidhuk:pw@db1:5432,db2:5432/vidhuk?target_session_attrs=read-write')).to.include(
      'several hosts',
    );
  });

  it('tells of Redis’s database that is no number, and of a mode that psql does not know', () => {
    const redis = ['redis:', 'rediss:'];
    for (const url of ['redis://h:6379/abc', 'redis://h/0/1', 'rediss://h/-1'])
      expect(problemOf(url, redis), url).to.include('has a path that is no number');
    for (const url of ['redis://h', 'redis://h/', 'redis://h/15']) expect(problemOf(url, redis), url).to.equal(null);
    expect(problemOf('postgres://h/d?sslmode=verify-ful')).to.include('verify-ca, verify-full');
    for (const mode of ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'])
      expect(problemOf(`postgres://h/d?sslmode=${mode}`), mode).to.equal(null);
  });

  it('tells where a URL has to begin', () => {
    for (const url of ['mysql://u@h/x', 'localhost:5432', 'u:p@h', ''])
      expect(problemOf(url), url).to.equal('must be a URL that begins with postgres:// or postgresql://');
    expect(problemOf('postgres://u:p@host:port/x')).to.include('look at host and port');
  });
});
