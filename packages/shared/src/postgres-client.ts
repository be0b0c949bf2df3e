/** The client of PostgreSQL that Vidhuk's pools and single connections are made of. */
import pg from 'pg';
import { sessionCheck, sessionOf, settingsNotInForce, type SessionSettings } from './postgres-session.js';

type Told = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

/**
 * A server that does not write (SQLSTATE read_only_sql_transaction): after a failover a connection may be at the old primary, and stays there for good.
 * One that goes (57P01 to 57P05, operator intervention) may be gone before it has hung up.
 */
const isOfNoMoreUse = /^(25006|57P0\d)$/;

/** A host that is gone without a word is found within half a minute while nothing is under way to it; the kernel by itself asks after two hours. */
const asksWhetherAlive = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 };

/**
 * What a host that is gone without a word does to a connection: nothing, for as long as the kernel waits, which is hours. `limitMs`: what the server
 * itself allows a statement; where no answer comes for some time more, the driver ends the connection. Pipeline mode is what makes it do so.
 */
export const endsWhenDead = (limitMs: number) => ({ query_timeout: limitMs + 5_000, ...asksWhetherAlive, pipeline: true });

export interface PostgresClientConfig extends pg.ClientConfig {
  connectionString: string;
  /** Beside those that every session has, see `postgres-session.ts`. */
  session?: SessionSettings;
}

/** ms for the first statement of a session. */
const checkMs = 5_000;

/**
 * Has the settings of its session in force, or does not connect: a pooler may leave them out. Ends its socket when it could not connect. Where it is the driver that gives up (the server asks for a password and there is none), the socket
 * stays open and keeps the process alive until the server hangs up, a minute later. Ends it, too, once the server has said that it does not write, or
 * that it goes: the next connection may lead to one that does.
 */
export class PostgresClient extends pg.Client {
  constructor({ session = {}, connectionString, ...config }: PostgresClientConfig) {
    const { url, options } = sessionOf(connectionString, session);
    super({ ...asksWhetherAlive, ...config, connectionString: url, options });
    this.connection.on('errorMessage', ({ code }: { code?: string }) => {
      if (isOfNoMoreUse.test(code ?? '')) setImmediate(() => this.connection.stream.destroy()); // whoever asked hears of it first
    });
  }

  override connect(): Promise<pg.Client>;
  override connect(callback: Told): void;
  override connect(callback?: Told): Promise<pg.Client> | undefined {
    if (callback === undefined)
      return new Promise((resolve, reject) => {
        this.connect((error: Error | null) => (error === null ? resolve(this) : reject(error)));
      });
    // Without a promise between: the driver may have an error for whoever has connected in the very next moment.
    super.connect((error: Error | null) => {
      const tell = callback as (error: Error | null, client: pg.Client) => void;
      const end = (failure: Error | null) => {
        tell(failure, this);
        if (failure !== null) this.#endSilently();
      };
      if (error === null) this.#checkSession(end);
      else end(error);
    });
    return undefined;
  }

  /** Whoever asked hears why; a pool would tell of it once more, as of an idle connection that was lost. */
  #endSilently(): void {
    this.removeAllListeners('error').on('error', () => undefined);
    this.connection.stream.destroy();
  }

  #checkSession(done: (failure: Error | null) => void): void {
    const untold = () => undefined; // the statement fails too
    this.on('error', untold);
    const check = { text: sessionCheck, query_timeout: checkMs };
    this.query<{ marker: string | null }>(check, (error: Error | null, result) => {
      const failure = error ?? (result.rows[0]?.marker === 'on' ? null : new Error(settingsNotInForce));
      done(failure);
      if (failure === null) this.off('error', untold);
    });
  }
}
