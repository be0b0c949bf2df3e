/** The client of PostgreSQL that Vidhuk's pools and single connections are made of. */
import pg from 'pg';

type Told = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

/**
 * Ends its socket when it could not connect. Where it is the driver that gives up (the server asks for a password and there is none), the socket
 * stays open and keeps the process alive until the server hangs up, a minute later.
 */
export class PostgresClient extends pg.Client {
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
