/** `npm run pictures`: the first minutes with Vidhuk, really lived through, for README. Ports 8080 and 9090 must be free. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { draw } from './draw.js';
import { openSession, type Session } from './terminal.js';

const folder = 'docs/pictures';
const patienceMs = 300_000;

const home = join(await mkdtemp(join(tmpdir(), 'vidhuk-')), '.vidhuk');
const variables = { VIDHUK_HOME: home, VIDHUK_MAIN_TOKEN: 'example-token-of-main', ADMIN_TOKEN: 'example-admin-token' };
/** In the picture it is as it would be without a home of its own, and passwords are covered. */
const asUsual = (screen: string): string =>
  screen
    .replaceAll(`VIDHUK_HOME=${home} `, '')
    .replaceAll(home, '.vidhuk')
    .replace(/(postgres:\/\/\w+:)[^@\s]+@/g, '$1•••@');

const instance = openSession('npm start --silent', variables);
try {
  await until(instance, 'npx vidhuk contact');
  await setTimeout(1_000); // what follows at once belongs to the picture
  await keep('start', instance);
  await postSample();
  await ready();
  await keep('contact', await run('npx vidhuk contact test1@yourdomain.com'));
  await keep('doctor', await run('npx vidhuk doctor'));
} finally {
  instance.interrupt();
  await instance.ended;
  await rm(join(home, '..'), { recursive: true });
}

async function keep(name: string, session: Session): Promise<void> {
  await writeFile(join(folder, `${name}.svg`), draw(asUsual(session.screen())));
}

async function run(command: string): Promise<Session> {
  const session = openSession(command, variables);
  await session.ended;
  return session;
}

async function until(session: Session, text: string): Promise<void> {
  const over = new AbortController();
  void session.ended.then(() => over.abort());
  for (const end = Date.now() + patienceMs; !session.screen().includes(text);) {
    if (over.signal.aborted || Date.now() > end) throw new Error(`"${text}" was not shown:\n${session.screen()}`);
    await setTimeout(100);
  }
}

async function portOf(service: 'INGRESS' | 'ADMIN'): Promise<string> {
  const running = JSON.parse(await readFile(join(home, 'run.json'), 'utf8')) as Record<string, string>;
  return running[`${service}_PORT`] ?? '';
}

/** A machine that has just built everything may still be short of breath. */
async function ready(): Promise<void> {
  const deadline = AbortSignal.timeout(patienceMs);
  const url = `http://127.0.0.1:${await portOf('ADMIN')}/health/ready`;
  while (!(await fetch(url, { signal: deadline })).ok) await setTimeout(500);
}

async function postSample(): Promise<void> {
  const url = `http://127.0.0.1:${await portOf('INGRESS')}/webhooks/esputnik/main/${variables.VIDHUK_MAIN_TOKEN}`;
  const { status } = await fetch(url, { method: 'POST', body: await readFile('test/samples/bulk.json') });
  if (status !== 200) throw new Error(`the sample was answered with ${status}`);
  await setTimeout(3_000); // until the worker has written it
}
