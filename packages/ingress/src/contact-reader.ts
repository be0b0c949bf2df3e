/** The database, as far as the ingress needs it: to say what is known of a contact. Nothing else of the ingress waits for it. */
import { endsWhenDead, PostgresClient, type Logger } from '@vidhuk/shared';
import pg from 'pg';
import type { ContactAnswer } from './contact-answer.js';
import type { NameOfContact } from './name-of-contact.js';
import { readContactAnswer } from './sql/read-contact-answer.js';

export interface ContactReader {
  /** Rejects when the database is away, or takes long. */
  read(source: string, name: NameOfContact): Promise<ContactAnswer>;
  close(): Promise<void>;
}

/** ms: whoever asks waits no longer than 2 s. */
const statementMs = 1_900;

/** Has a reload brought a hook that asks, though there was none at the start? */
const noDatabase: ContactReader = {
  read: () => Promise.reject(new Error('READ_DATABASE_URL is not set')),
  close: () => Promise.resolve(),
};

/** Connects when it is first asked: an ingress whose hooks ask for no contact needs no database, and has an empty URL then. */
export function createContactReader(url: string, log: Logger): ContactReader {
  if (url === '') return noDatabase;
  const client: ConstructorParameters<typeof PostgresClient>[0] = {
    connectionString: url,
    session: {
      statement_timeout: String(statementMs),
      default_transaction_read_only: 'on',
      enable_seqscan: 'off', // single rows by their keys: a plan from the days when the tables were small would read all of them
    },
    connectionTimeoutMillis: statementMs,
    application_name: 'vidhuk ingress',
    ...endsWhenDead(statementMs),
  };
  const pool = new pg.Pool({
    Client: PostgresClient as unknown as typeof pg.Client,
    max: 4,
    idleTimeoutMillis: 300_000, // a new connection takes longer than an answer may
    ...client,
  });
  pool.on('error', (error) => log.warn({ err: error.message }, 'an idle database connection was lost'));
  pool.on('connect', (client) => void client.on('error', () => undefined)); // whoever asked hears of it
  return {
    read: (source, name) => readContactAnswer(pool, source, name),
    close: () => pool.end(),
  };
}
