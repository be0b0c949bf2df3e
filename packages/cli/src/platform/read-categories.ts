/** The subscription categories of an account (`GET v1/subscriptions`): their keys, whichever of the described forms they come in. */
import type { PlatformApi } from '@vidhuk/worker/reconcile';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export async function readCategories(api: PlatformApi): Promise<string[]> {
  const answer = await api.get('v1/subscriptions', {});
  return keysIn(isRecord(answer) ? (answer.subscriptions ?? answer.categories) : answer);
}

/** Of a list of texts, or of objects with a key. */
export function keysIn(list: unknown): string[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((each: unknown) => {
    const key = isRecord(each) ? (each.key ?? each.id ?? each.name) : each;
    return typeof key === 'string' || typeof key === 'number' ? [String(key)] : [];
  });
}
