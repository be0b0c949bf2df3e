/** The quarantine as people look at it. */
import type { DataSource } from 'typeorm';
import { RejectedActivityEntity, type RejectedActivity } from '../../db/entities/rejected-activity.js';

export interface RejectionFilter {
  ids?: readonly number[];
  source?: string;
  reason?: string;
  since?: Date;
  /** Those that were resubmitted or discarded too. */
  resolved?: boolean;
}

/** A whole body that is not JSON is one element too, of 60 MB perhaps: a list shows where each begins and how many bytes it has. */
export type ListedRejection = Omit<RejectedActivity, 'raw'> & { rawStart: string };

/** Characters of `rawStart`. */
const startLength = 200;

const query = (dataSource: DataSource, { ids, source, reason, since, resolved }: RejectionFilter) => {
  const builder = dataSource.getRepository(RejectedActivityEntity).createQueryBuilder('r');
  if (ids !== undefined) builder.andWhere('r.id = any(:ids)', { ids });
  if (source !== undefined) builder.andWhere('r.source = :source', { source });
  if (reason !== undefined) builder.andWhere('r.reason = :reason', { reason });
  if (since !== undefined) builder.andWhere('r.rejectedAt >= :since', { since });
  if (resolved !== true) builder.andWhere('r.resolvedAt is null');
  return builder;
};

/** Those that would have moved a flag first, then newest first. */
export async function listRejections(dataSource: DataSource, filter: RejectionFilter, limit: number): Promise<ListedRejection[]> {
  const rows = await query(dataSource, filter)
    .select('r.id', 'id')
    .addSelect('r.source', 'source')
    .addSelect('r.batchId', 'batchId')
    .addSelect('r.position', 'position')
    .addSelect('r.reason', 'reason')
    .addSelect('r.detail', 'detail')
    .addSelect('r.contactId', 'contactId')
    .addSelect('r.movesFlag', 'movesFlag')
    .addSelect('r.rejectedAt', 'rejectedAt')
    .addSelect('r.resolvedAt', 'resolvedAt')
    .addSelect('r.resolution', 'resolution')
    .addSelect(`left(r.raw, ${startLength})`, 'rawStart')
    .addSelect('r.rawBytes', 'rawBytes')
    .orderBy('r.movesFlag', 'DESC')
    .addOrderBy('r.id', 'DESC')
    .limit(limit)
    .getRawMany<Omit<ListedRejection, 'id' | 'contactId'> & { id: string; contactId: string | null }>();
  return rows.map((row) => ({ ...row, id: Number(row.id), contactId: row.contactId === null ? null : Number(row.contactId) }));
}

/** Oldest first. */
export async function selectRejectionIds(dataSource: DataSource, filter: RejectionFilter): Promise<number[]> {
  const rows = await query(dataSource, filter).select('r.id', 'id').orderBy('r.id').getRawMany<{ id: string }>();
  return rows.map(({ id }) => Number(id));
}

/** One as it stands there; `resolved` as in the filter. */
export async function selectRejection(dataSource: DataSource, id: number, resolved: boolean): Promise<RejectedActivity | null> {
  return query(dataSource, { ids: [id], resolved }).getOne();
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
