import { expect } from 'chai';
import {
  ConfigurationError,
  configPathOf,
  describeUrl,
  readEnvironment,
  type Variables,
} from '../../../packages/shared/src/index.js';

const database = { DATABASE_URL: 'postgres://u:p@localhost:5432/vidhuk' };

function problemsOf(variables: Variables): readonly string[] {
  try {
    readEnvironment(variables);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  throw new Error('no problem was found');
}

describe('readEnvironment', () => {
  it('needs no more than the database, which then is the queue too', () => {
    expect(readEnvironment(database)).to.deep.equal({
      databaseUrl: database.DATABASE_URL,
      queueUrl: database.DATABASE_URL,
      readDatabaseUrl: database.DATABASE_URL,
      configPath: 'vidhuk.yaml',
      ingress: { host: '127.0.0.1', port: 8080 },
      admin: { host: '127.0.0.1', port: 9090, token: undefined },
      supportDatabaseUrl: undefined,
      logLevel: 'info',
      eraseKey: undefined,
    });
  });

  it('takes every variable', () => {
    const environment = readEnvironment({
      ...database,
      QUEUE_URL: ' rediss://:p@cache:6380/1 ',
      READ_DATABASE_URL: 'postgres://u:p@replica/vidhuk',
      VIDHUK_CONFIG: '/etc/vidhuk.yaml',
      INGRESS_HOST: '0.0.0.0',
      INGRESS_PORT: '0',
      ADMIN_HOST: '::1',
      ADMIN_PORT: '65535',
      ADMIN_TOKEN: 'admin',
      LOG_LEVEL: 'debug',
      ERASE_KEY: 'erase',
    });
    expect(environment).to.deep.equal({
      databaseUrl: database.DATABASE_URL,
      queueUrl: 'rediss://:p@cache:6380/1',
      readDatabaseUrl: 'postgres://u:p@replica/vidhuk',
      configPath: '/etc/vidhuk.yaml',
      ingress: { host: '0.0.0.0', port: 0 },
      admin: { host: '::1', port: 65_535, token: 'admin' },
      supportDatabaseUrl: undefined,
      logLevel: 'debug',
      eraseKey: 'erase',
    });
  });

  it('takes empty variables for absent ones', () => {
    const empty = { ...database, QUEUE_URL: '', INGRESS_PORT: '', ADMIN_TOKEN: ' ', LOG_LEVEL: '' };
    expect(readEnvironment(empty)).to.deep.equal(readEnvironment(database));
  });

  it('lists every problem at once, and no password', () => {
    const problems = problemsOf({
      DATABASE_URL: 'mysql://u:hush@localhost/x',
      QUEUE_URL: 'amqp://u:hush@localhost',
      INGRESS_PORT: '8o80',
      ADMIN_PORT: '65536',
      LOG_LEVEL: 'loud',
    });
    expect(problems.map((problem) => problem.split(' ')[0])).to.have.members([
      'DATABASE_URL',
      'QUEUE_URL',
      'INGRESS_PORT',
      'ADMIN_PORT',
      'LOG_LEVEL',
    ]);
    expect(problems.join('\n')).to.not.include('hush');
  });

  it('says how to set the database where it is missing', () => {
    expect(problemsOf({})).to.have.length(1);
    expect(problemsOf({})[0]).to.include('DATABASE_URL is not set').and.to.include('postgres://');
  });

  it('refuses an admin token that gets lost on the way', () => {
    const problems = problemsOf({ ...database, ADMIN_TOKEN: 'two\nlines-of-a-token' });
    expect(problems).to.deep.equal([
      'ADMIN_TOKEN holds white space or a character that cannot be seen, which gets lost on the way: make a new one',
    ]);
    expect(readEnvironment({ ...database, ADMIN_TOKEN: 'дуже-таємний-ключ-1\n' }).admin.token).to.equal('дуже-таємний-ключ-1');
  });

  it('reads the path of the configuration by the same rule for every command', () => {
    for (const [VIDHUK_CONFIG, path] of [
      [undefined, 'vidhuk.yaml'],
      ['', 'vidhuk.yaml'],
      [' ', 'vidhuk.yaml'],
      ['/etc/vidhuk.yaml\n', '/etc/vidhuk.yaml'],
    ] as const) {
      expect(configPathOf({ VIDHUK_CONFIG }), JSON.stringify(VIDHUK_CONFIG)).to.equal(path);
      expect(readEnvironment({ ...database, VIDHUK_CONFIG }).configPath).to.equal(path);
    }
  });

  it('refuses ports that are none', () => {
    for (const port of ['-1', '1.5', 'http', '1e9']) expect(problemsOf({ ...database, INGRESS_PORT: port })[0]).to.include(port);
  });
});

describe('describeUrl', () => {
  it('hides user, password and query', () => {
    expect(describeUrl('postgres://user:hush%40@db.example:5433/vidhuk?password=hush&sslmode=require')).to.equal(
      'postgres://db.example:5433/vidhuk',
    );
    expect(describeUrl('rediss://:hush@[::1]:6379/2')).to.equal('rediss://[::1]:6379/2');
  });

  it('asks the ingress for no database where the queue is elsewhere', () => {
    const ingress = (variables: Record<string, string>) => readEnvironment(variables, { needsDatabase: false });
    const { databaseUrl, readDatabaseUrl, queueUrl } = ingress({ QUEUE_URL: 'redis://localhost' });
    expect([databaseUrl, readDatabaseUrl, queueUrl]).to.deep.equal(['', '', 'redis://localhost']);
    expect(() => ingress({})).to.throw(/DATABASE_URL is not set/);
    expect(() => readEnvironment({ QUEUE_URL: 'redis://localhost' })).to.throw(/DATABASE_URL is not set/);
  });
});
