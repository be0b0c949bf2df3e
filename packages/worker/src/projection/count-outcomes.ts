/** What became of each batch, once the log has told which activities were new to it. */
import type { Batch, BatchOutcome } from './batch.js';
import type { BroughtActivity } from './sql/log-activities.js';
import type { BatchRow, SetAside } from './sql/insert-batches.js';

/** An outcome for each of `batches`, in order; `fresh` are the brought activities that the log did not have. */
export function countOutcomes(batches: readonly Batch[], fresh: readonly BroughtActivity[]): BatchOutcome[] {
  const news = new Map<string, number>();
  for (const { batch } of fresh) news.set(batch.id, (news.get(batch.id) ?? 0) + 1);
  return batches.map(({ id, total, activities, rejections, expired = [] }) => {
    const brought = news.get(id) ?? 0;
    const outcome = { new: brought, duplicate: activities.length - brought, rejected: rejections.length };
    const erased = total - activities.length - rejections.length - expired.length;
    return { ...outcome, ...(erased > 0 ? { erased } : {}), ...(expired.length > 0 ? { expired: expired.length } : {}) };
  });
}

const nothing: BatchOutcome = { new: 0, duplicate: 0, rejected: 0 };

/** The rows of the table `batch`; `repeated` are the batches whose body is kept already. */
export const batchRowsOf = (
  batches: readonly Batch[],
  outcomes: readonly BatchOutcome[],
  repeated: ReadonlySet<string>,
): BatchRow[] =>
  batches.map(({ id, source, origin, receivedAt, body, bodyElsewhere, total }, index) => ({
    ...{ id, source, origin, receivedAt, total },
    body: bodyElsewhere || repeated.has(id) ? null : body,
    bytes: body.length,
    ...(outcomes[index] ?? nothing),
  }));

/** How many elements of erased people, and from before the horizon, the batches had that had any; nearly always none has. */
export const setAsideOf = (batches: readonly Batch[], outcomes: readonly BatchOutcome[]): SetAside[] =>
  batches.flatMap(({ id }, index): SetAside[] => {
    const { erased = 0, expired = 0 } = outcomes[index] ?? {};
    return erased + expired === 0 ? [] : [{ id, erased, expired }];
  });
