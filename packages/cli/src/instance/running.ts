/** What was started and runs: PostgreSQL, the worker, the ingress. */
export interface Ended {
  /** A signal, an exit code or a message. */
  how: string;
  /** It refused its configuration: begun again it would end again. */
  refused: boolean;
}

export interface Running {
  /** Settles when it has ended. */
  exited: Promise<Ended>;
  /** In order, under a deadline. */
  stop: () => Promise<void>;
  /** At once. */
  kill: () => void;
}

/** What was started, in order; it is stopped in reverse. */
export type Acquired = (Running & { name: string })[];
