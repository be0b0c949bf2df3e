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
