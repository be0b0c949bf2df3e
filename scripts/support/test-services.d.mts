/** What the tests use of the scripts: the types of `test-services.mjs`, which is checked against them. */
export interface EmbeddedPostgres {
  /** Of the database `postgres`, as superuser. */
  url: string;
  port: number;
  pid: number;
  /** Settles when the server has ended, for whatever reason, with how it ended. */
  exited: Promise<string>;
  /** Ends it in order, under a deadline. */
  stop: () => Promise<void>;
  /** Ends it at once, by SIGQUIT; the next start recovers. */
  kill: () => void;
}

/** Starts PostgreSQL on 127.0.0.1, over a folder that is created when missing. Settings come on top of postgresql.conf. */
export function startEmbeddedPostgres(options: {
  dataDir: string;
  logFile: string;
  /** Default: the port used last on this folder if it is free, else any free one. */
  port?: number | undefined;
  settings?: Record<string, string>;
}): Promise<EmbeddedPostgres>;

/** The path of redis-server or valkey-server, if the PATH has one. */
export function findRedisServer(): string | undefined;

/** A free port of 127.0.0.1. */
export function freePort(): Promise<number>;

/** Sends signals one after another, each when the one before had its milliseconds; tells whether the process ended. */
export function stopProcess(pid: number, signals: [NodeJS.Signals, number][]): Promise<boolean>;
