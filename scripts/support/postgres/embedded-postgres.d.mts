export interface EmbeddedPostgresOptions {
  /** Created when missing. The folder keeps the superuser's password and the port used last. */
  dataDir: string;
  /** Receives what the server logs. */
  logFile: string;
  /** Default: the port used last if it is free, else any free one. */
  port?: number | undefined;
  /** More than postgresql.conf says, by setting name. */
  settings?: Record<string, string>;
}

export interface EmbeddedPostgres {
  /** Of the database `postgres`, as superuser. */
  url: string;
  port: number;
  pid: number;
  /** Settles when the server has ended, for whatever reason, with how it ended. */
  exited: Promise<string>;
  /** Ends it in order, under a deadline. */
  stop(): Promise<void>;
  /** Ends it at once; the next start recovers. */
  kill(): void;
}

/** Starts PostgreSQL on 127.0.0.1, detached, so that Ctrl-C on the terminal does not reach it; resolves when it takes connections. */
export function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres>;
