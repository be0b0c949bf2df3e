/** A step of work, and the line that shows it. */

/** The line of a step that runs. */
export interface StepLine {
  /** What is said last stays on the line. */
  say: (detail: string) => void;
  /** It ends with a mark that says neither done nor failed. */
  notDone: (why: string) => void;
}

export interface Step {
  title: string;
  work: (line: StepLine) => Promise<unknown>;
}
