/** Looks for what is left of an erased person in a dump of the database, and in what the server has learnt of its rows. */
import { execFile } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { findProgram } from './find-program.js';

const run = promisify(execFile);

/** A pg_dump that can read this server: one that is older than it refuses to. */
export async function findPgDump(client: pg.Client): Promise<{ program: string; major: number } | undefined> {
  const { rows } = await client.query<{ major: number }>(
    `select current_setting('server_version_num')::integer / 10000 as major`,
  );
  const server = rows[0]?.major ?? Infinity;
  const folders = Array.from({ length: 8 }, (_, newer) => `/usr/lib/postgresql/${server + newer}/bin`);
  for (const path of [process.env.PATH ?? '', ...folders]) {
    const program = findProgram(['pg_dump'], path);
    if (program === undefined) continue;
    const { stdout } = await run(program, ['--version']);
    const major = Number(/(\d+)(?:\.\d+|beta|rc|devel)/.exec(stdout)?.[1]);
    if (major >= server) return { program, major };
  }
  return undefined;
}

/** Tables of a dump in which a needle stands; of version 18 and later it has the statistics, too. */
export async function tracesInPgDump(
  { program, major }: { program: string; major: number },
  url: string,
  needles: readonly string[],
): Promise<string[]> {
  const args = [`--dbname=${url}`, ...(major >= 18 ? ['--statistics'] : [])];
  const { stdout } = await run(program, args, { maxBuffer: 2 ** 30 });
  const parts = stdout.split(/^(?=COPY |CREATE |SELECT \* FROM pg_catalog\.pg_restore)/m);
  return parts.filter((part) => holds(part, needles)).map((part) => part.slice(0, part.indexOf('\n')));
}

/** What a dump takes its rows from, and every table of the catalogue, which has definitions, comments and statistics. */
export async function tracesInCopies(client: pg.Client, needles: readonly string[]): Promise<string[]> {
  const { rows: tables } = await client.query<{ name: string }>(
    `select format('%I.%I', nspname, relname) as name from pg_class c join pg_namespace n on n.oid = relnamespace
     where relkind in ('r', 'm') and nspname not in ('information_schema', 'pg_toast') order by 1`,
  );
  const found: string[] = [];
  for (const { name } of tables)
    if (holds(await text(client.query(copyTo(`copy (select t::text from ${name} t) to stdout`))), needles)) found.push(name);
  return found;
}

/** Bytes stand there in hexadecimal. */
function holds(dumped: string, needles: readonly string[]): boolean {
  const readable = dumped
    .replace(/\\+x((?:[0-9a-f]{2})+)/g, (_, hex: string) => Buffer.from(hex, 'hex').toString('latin1'))
    .toLowerCase();
  return needles.some((needle) => readable.includes(needle.toLowerCase()));
}
