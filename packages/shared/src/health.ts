/** `GET /health/live` and `GET /health/ready`, the same on every process. */
import { withDeadline } from './deadline.js';
import { messageOf } from './errors.js';

/** A named condition of readiness; it rejects, or hangs, when it does not hold. */
export interface ReadinessCheck {
  name: string;
  check: () => Promise<unknown>;
}

export interface HealthAnswer {
  status: 200 | 503;
  body: { status: 'ok' | 'unavailable'; checks: Record<string, string> };
}

/** Runs all checks, each within `timeoutMs`. */
export async function checkReadiness(checks: readonly ReadinessCheck[], timeoutMs = 2_000): Promise<HealthAnswer> {
  const results = await Promise.all(
    checks.map(async ({ name, check }): Promise<[string, string]> => {
      try {
        await withDeadline(name, timeoutMs, check());
        return [name, 'ok'];
      } catch (error) {
        return [name, messageOf(error)];
      }
    }),
  );
  const ready = results.every(([, result]) => result === 'ok');
  return { status: ready ? 200 : 503, body: { status: ready ? 'ok' : 'unavailable', checks: Object.fromEntries(results) } };
}

/** ms: so long one answer serves for whoever asks. A check may write to a disk, and strangers may ask at any rate. */
const sharedForMs = 1_000;

/** As `ask`, which is called once a second at most, and never beside itself. */
export function shareAnswers(ask: () => Promise<HealthAnswer>): () => Promise<HealthAnswer> {
  let answer: Promise<HealthAnswer> | undefined;
  return () => {
    if (answer !== undefined) return answer;
    const asked = ask();
    answer = asked;
    // Counted from its end: a check that hangs is not asked again beside itself.
    const forget = () => void setTimeout(() => (answer = undefined), sharedForMs).unref();
    asked.then(forget, forget);
    return asked;
  };
}

/** For strangers: which checks fail, and not why. */
export const withoutReasons = ({ status, body }: HealthAnswer): HealthAnswer => ({
  status,
  body: {
    ...body,
    checks: Object.fromEntries(Object.entries(body.checks).map(([name, result]) => [name, result === 'ok' ? 'ok' : 'failed'])),
  },
});
