import type { DataSource } from 'typeorm';
import { usualOptIn, type OptInRule } from '../../projection/decide.js';

/** What a choice of subscriptions ends in this source now, as all workers decide by it. */
export async function readOptIn(dataSource: DataSource, source: string): Promise<OptInRule> {
  const [row] = await dataSource.query<OptInRule[]>(
    `select opt_in_ends_unsubscribed as "endsUnsubscribed", opt_in_ends_complaint as "endsComplaint" from vidhuk.source where source = $1`,
    [source],
  );
  return row ?? usualOptIn;
}
