/** What takes part in the comparison: webhook calls over HTTP on one side, committed rows on the other. */

/** The servers of one run, with nothing of an earlier round in them. */
export interface Stores {
  /** An empty database, not migrated. */
  databaseUrl: string;
  /** An empty Redis that writes every command to disk before it answers. */
  redisUrl: string;
}

export interface Contestant {
  /** Short, for a table. */
  name: string;
  /** Starts its processes; its workers hold still until they are released. */
  open: (stores: Stores) => Promise<Entry>;
}

/** A contestant that runs. */
export interface Entry {
  /** Takes a POST of a body like the vendor's; 200 says that all of it is queued durably. */
  url: string;
  /** Its processes: name in the table, and pid. */
  processes: Readonly<Record<string, number>>;
  /** Lets the workers begin. */
  release: () => Promise<void>;
  /** Whether all that was answered with 200 is committed. Asked some forty times a second, so it costs little. */
  isDrained: () => Promise<boolean>;
  /** Rows of the log and of contacts' status, to compare with what the others have. */
  count: () => Promise<{ activities: number; contacts: number }>;
  /** Ends its processes. */
  close: () => Promise<void>;
}
