import type { DataSource } from 'typeorm';
import { RejectedActivityEntity, type RejectedActivity } from '../entities/rejected-activity.js';

export interface RejectionFilter {
  ids?: readonly number[];
  source?: string;
  reason?: string;
  since?: Date;
  /** Those that were resubmitted or discarded too. */
  resolved?: boolean;
}

const query = (dataSource: DataSource, { ids, source, reason, since, resolved }: RejectionFilter) => {
  const builder = dataSource.getRepository(RejectedActivityEntity).createQueryBuilder('r');
  if (ids !== undefined) builder.andWhere('r.id = any(:ids)', { ids });
  if (source !== undefined) builder.andWhere('r.source = :source', { source });
  if (reason !== undefined) builder.andWhere('r.reason = :reason', { reason });
  if (since !== undefined) builder.andWhere('r.rejectedAt >= :since', { since });
  if (resolved !== true) builder.andWhere('r.resolvedAt is null');
  return builder;
};

/** Newest first. */
export function selectRejections(dataSource: DataSource, filter: RejectionFilter, limit: number): Promise<RejectedActivity[]> {
  return query(dataSource, filter).orderBy('r.id', 'DESC').limit(limit).getMany();
}

export function countRejections(dataSource: DataSource, filter: RejectionFilter): Promise<number> {
  return query(dataSource, filter).getCount();
}

/** How many of each reason, most first. */
export function countByReason(dataSource: DataSource, filter: RejectionFilter): Promise<{ reason: string; count: string }[]> {
  return query(dataSource, filter)
    .select('r.reason', 'reason')
    .addSelect('count(*)', 'count')
    .groupBy('r.reason')
    .orderBy('count', 'DESC')
    .getRawMany();
}

/** Gives how many rows were closed. */
export async function discardRejections(dataSource: DataSource, ids: readonly number[]): Promise<number> {
  const [, count] = await dataSource.query<[unknown[], number]>(
    `update vidhuk.rejected_activity set resolved_at = now(), resolution = 'discarded' where id = any($1::bigint[]) and resolved_at is null`,
    [[...ids]],
  );
  return count;
}
