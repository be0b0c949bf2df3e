/** An alternative that runs: an ingress and two workers, as many as Vidhuk has. */
import { fork } from 'node:child_process';
import { basename } from 'node:path';
import type { Entry, Stores } from '../contestant.js';
import type { Alternative } from './alternative.js';
import { compile } from './compile.js';
import type { Answer, Question } from './process.js';
import { createSchema, countRows } from './schema.js';

export async function openEntry(moduleUrl: string, { name, prepare }: Alternative, stores: Stores): Promise<Entry> {
  await createSchema(stores.databaseUrl);
  await prepare?.(stores);
  const program = `${await compile()}/${basename(moduleUrl).replace(/\.ts$/, '.js')}`;
  const children = ['ingress', 'worker 1', 'worker 2'].map((role) => start(name, program, role, stores));
  const [ingress, ...workers] = children as [Child, Child, Child];
  const close = async () => {
    await Promise.all(children.map((child) => child.end()));
  };
  const url = await Promise.all(children.map((child) => child.ask())).then(
    ([url]) => String(url),
    async (error: unknown) => {
      await close();
      throw error;
    },
  );
  return {
    url,
    processes: Object.fromEntries(children.map(({ role, pid }) => [role, pid])),
    async release() {
      await Promise.all(workers.map((worker) => worker.ask('release')));
    },
    async isDrained() {
      // In this order: what is queued meanwhile cannot look committed.
      const committed = await Promise.all(workers.map((worker) => worker.ask('count')));
      const queued = await ingress.ask('count');
      return committed.reduce<number>((total, count) => total + Number(count), 0) === queued;
    },
    count: () => countRows(stores.databaseUrl),
    close,
  };
}

interface Child {
  role: string;
  pid: number;
  /** Without a question: waits until it is ready. Rejects when the process has ended. */
  ask: (question?: Question) => Promise<Answer>;
  end: () => Promise<void>;
}

function start(name: string, program: string, role: string, { databaseUrl, redisUrl }: Stores): Child {
  const child = fork(program, [role, databaseUrl, redisUrl], { execArgv: [], stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name}: the ${role} could not be started`);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve())); // its last words are read by then
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-4_000)));
  const waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  let failure: Error | undefined;
  child.on('message', (answer: Answer) => waiting.shift()?.resolve(answer));
  void closed.then(() => {
    failure = new Error(`${name}: the ${role} has ended:\n${words}`);
    for (const { reject } of waiting) reject(failure);
  });
  return {
    role,
    pid,
    ask: (question) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        waiting.push({ resolve, reject });
        if (question !== undefined) child.send(question, () => undefined); // of a process that is just ending, `closed` tells
      }),
    async end() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
