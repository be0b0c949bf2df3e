/** Which run of a workflow something belongs to: what joins activities and requests of the workflow block. */
import { shortTextOf } from '@vidhuk/shared';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** One spelling for one run: UUIDs in lower case. The vendor's table calls it a number. null: what cannot be one, which refuses nothing. */
export function normaliseInstance(value: unknown): string | null {
  const text = shortTextOf(value);
  return text !== null && uuid.test(text) ? text.toLowerCase() : text;
}
