/** The block "Webhook" in each workflow that is simulated: one request for each run, as its customer's template would write it. */
import type { GeneratedBatch } from './generate.js';

/** One request of a run. */
export interface RunRequest {
  hook: string;
  workflowInstanceId: string;
  /** The exact text of the body; the same whenever it is made. */
  body: string;
}

/** Runs that are remembered; a request that comes again later is the same, and the receiver keeps it once. */
const REMEMBERED = 20_000;

/** Makes the request of each run when its first activity has gone out. */
export class RunRequests {
  readonly #hook: string;
  /** In the order in which they came. */
  readonly #seen = new Set<string>();

  constructor(hook: string) {
    this.#hook = hook;
  }

  /** Those of the runs that begin in this batch. */
  *of({ elements }: GeneratedBatch): Generator<RunRequest, void> {
    for (const { text, broken } of elements) {
      const activity = broken === null ? (JSON.parse(text) as Readonly<Record<string, unknown>>) : {};
      const { workflowInstanceId } = activity;
      if (typeof workflowInstanceId !== 'string' || this.#seen.has(workflowInstanceId)) continue;
      this.#remember(workflowInstanceId);
      yield { hook: this.#hook, workflowInstanceId, body: bodyOf(workflowInstanceId, activity) };
    }
  }

  #remember(run: string): void {
    this.#seen.add(run);
    const [oldest] = this.#seen;
    if (this.#seen.size > REMEMBERED && oldest !== undefined) this.#seen.delete(oldest);
  }
}

/** Every value is a text; a variable that the platform does not know stays as it was written (Apache Velocity). */
function bodyOf(workflowInstanceId: string, { contactId, email, sms }: Readonly<Record<string, unknown>>): string {
  const value = (given: unknown, variable: string) =>
    typeof given === 'string' || typeof given === 'number' ? String(given) : variable;
  return JSON.stringify({
    contactId: value(contactId, '$contact_ID'),
    email: value(email, '$email'),
    phone: value(sms, '$phone'),
    workflowInstanceId,
    orderId: `order-${workflowInstanceId.slice(0, 8)}`,
  });
}
