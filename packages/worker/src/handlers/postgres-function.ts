import { PermanentError } from '@vidhuk/shared';
import { Type } from '@sinclair/typebox';
import { defineHandler } from './handler.js';
import { payloadOf } from './payload.js';

/** As PostgreSQL takes it without quotes, so that quoting does not change its meaning; upper-case letters would. */
const identifier = '[a-z_][a-z0-9_]{0,62}';

/**
 * Calls a function of this database, `create function crm.on_activity(payload jsonb) …`, with what `http-request` sends. It runs in the transaction
 * that marks the row done: its effects in the database happen exactly once. One call per activity, never a group, so that an exception takes back
 * its own activity's work only.
 *
 * An exception of class 22 ("data exception": a value that will be as wrong the next time) is final: `raise exception '…' using errcode =
 * 'data_exception'`. Any other is repeated.
 */
export const postgresFunction = defineHandler({
  name: 'postgres-function',
  description: 'calls a function in the database, exactly once per activity',
  transaction: true,
  params: Type.Object(
    { function: Type.String({ pattern: `^${identifier}(?:\\.${identifier})?$` }) },
    { additionalProperties: false },
  ),
  async run(activities, params, ctx) {
    const name = params.function
      .split('.')
      .map((part) => `"${part}"`)
      .join('.');
    for (const activity of activities) {
      try {
        const payload = JSON.stringify(payloadOf(ctx.action, activity));
        await unlessAborted(ctx.db.query(`select ${name}($1::jsonb)`, [payload]), ctx.signal);
      } catch (error) {
        if (isDataException(error)) throw new PermanentError(`${params.function}: ${error.message}`, { cause: error });
        throw error;
      }
    }
  },
});

/** Waits no longer than the signal allows; the statement itself ends with the transaction that is rolled back then. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const ended = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener(
      'abort',
      () => reject(new Error('aborted before the function returned', { cause: signal.reason })),
      ended,
    );
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    ended.abort();
    work.catch(() => undefined); // fails later, when nobody waits any more
  }
}

function isDataException(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('22');
}
