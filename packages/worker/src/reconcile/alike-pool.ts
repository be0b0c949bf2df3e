/** Rows without iid: nothing but all that it says tells such an activity from another, and a road says less of it than the webhook. */
import type { Activity } from '../activity/activity.js';
import type { AlikeRow } from './sql/find-alike.js';

type Told = Pick<Activity, 'key' | 'occurredAt' | 'status' | 'contactId' | 'mediaType' | 'messageInstanceId'>;

const groupOf = ({ occurredAt, status, contactId }: Told | AlikeRow): string => JSON.stringify([occurredAt, status, contactId]);

/** The log's rows of one period, each of which stands for one row of the road at most. */
export class AlikePool {
  readonly #rows = new Map<string, AlikeRow[]>();
  readonly #times = new Set<number>();

  /** Those of `times` that were not asked for yet. */
  newTimes(times: Iterable<number>): number[] {
    return [...new Set(times)].filter((time) => !this.#times.has(time));
  }

  /** All that the log has of these times. */
  fill(times: readonly number[], rows: readonly AlikeRow[]): void {
    for (const time of times) this.#times.add(time);
    for (const row of rows) this.#rows.set(groupOf(row), [...(this.#rows.get(groupOf(row)) ?? []), row]);
  }

  /** Takes the row that `told` may be, the very same first; false where none is left. A road may leave out channel and message. */
  take(told: Told): boolean {
    const rows = this.#rows.get(groupOf(told)) ?? [];
    const isLike = (row: AlikeRow) =>
      [null, row.mediaType].includes(told.mediaType) && [null, row.messageInstanceId].includes(told.messageInstanceId);
    const same = rows.findIndex(({ key }) => key === told.key);
    const index = same >= 0 ? same : rows.findIndex(isLike);
    if (index < 0) return false;
    rows.splice(index, 1);
    return true;
  }
}
