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

/** ms: so long one result serves for whoever asks. A check may write to a disk, and strangers may ask at any rate. */
const sharedForMs = 1_000;

/** The same check, made once a second at most, and never beside itself. Not for what has to show at once, as that the process stops. */
export function shared({ name, check }: ReadinessCheck): ReadinessCheck {
  let result: Promise<unknown> | undefined;
  return {
    name,
    check: () => {
      if (result !== undefined) return result;
      const made = check();
      result = made;
      // Counted from its end: a check that hangs is not made again beside itself.
      const forget = () => void setTimeout(() => (result = undefined), sharedForMs).unref();
      made.then(forget, forget);
      return made;
    },
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
