/** The client of PostgreSQL that Vidhuk's pools and single connections are made of. */
import pg from 'pg';

type Told = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

/** A server that does not write (SQLSTATE read_only_sql_transaction): after a failover a connection may be at the old primary, and stays there for good. */
const doesNotWrite = '25006';

/**
 * What a host that is gone without a word does to a connection: nothing, for as long as the kernel waits, which is hours. `limitMs`: what the server
 * itself allows a statement; where no answer comes for some time more, the driver ends the connection. Pipeline mode is what makes it do so.
 */
export const endsWhenDead = (limitMs: number) => ({
  query_timeout: limitMs + 5_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  pipeline: true,
});

/**
 * Ends its socket when it could not connect. Where it is the driver that gives up (the server asks for a password and there is none), the socket
 * stays open and keeps the process alive until the server hangs up, a minute later. Ends it, too, once the server has said that it does not write: the
 * next connection may lead to one that does.
 */
export class PostgresClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.connection.on('errorMessage', ({ code }: { code?: string }) => {
      if (code === doesNotWrite) setImmediate(() => this.connection.stream.destroy()); // whoever asked hears of it first
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
      if (error !== null) this.connection.stream.destroy();
      const tell = callback as (error: Error | null, client: pg.Client) => void;
      tell(error, this);
    });
    return undefined;
  }
}
