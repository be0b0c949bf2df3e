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

/** A child process that ends in order by SIGTERM. */
export const runningChild = (child: { kill: (signal: NodeJS.Signals) => boolean }, exited: Promise<Ended>): Running => ({
  exited,
  stop: async () => {
    child.kill('SIGTERM');
    await exited;
  },
  kill: () => void child.kill('SIGKILL'),
});

/** What was started, in order; it is stopped in reverse. */
export type Acquired = (Running & { name: string })[];
