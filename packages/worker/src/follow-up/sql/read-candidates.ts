import type { DataSource } from 'typeorm';

/** What the log's columns can tell; null: anything. */
export interface CandidateFilter {
  status: string[] | null;
  mediaType: string[] | null;
  source: string[] | null;
  broadcastId: number[] | null;
  workflowId: number[] | null;
  messageId: number[] | null;
  hardBounce: boolean | null;
}

export interface Candidate {
  at: string;
  key: string;
  source: string;
  /** Its JSON as received; null where it is not kept any more. */
  raw: string | null;
}

/** The `limit` logged activities that happened last, before `before`, and that the filter lets through; latest first. */
export async function readCandidates(
  dataSource: DataSource,
  filter: CandidateFilter,
  before: Pick<Candidate, 'at' | 'key'>,
  limit: number,
): Promise<Candidate[]> {
  return dataSource.query<Candidate[]>(
    `select occurred_at::text as at, activity_key as key, source, raw::text as raw
     from (select * from vidhuk.activity_raw
       where (occurred_at, activity_key) < ($1, $2::uuid) and ($3::text[] is null or status = any($3)) and ($4::text[] is null or media_type = any($4))
         and ($5::text[] is null or source = any($5)) and ($6::bigint[] is null or broadcast_id = any($6))
         and ($7::bigint[] is null or workflow_id = any($7)) and ($8::bigint[] is null or message_id = any($8))
         and ($9::boolean is null or hard_bounce = $9)
       order by occurred_at desc, activity_key desc limit $10) as latest`,
    [
      before.at,
      before.key,
      filter.status,
      filter.mediaType,
      filter.source,
      filter.broadcastId,
      filter.workflowId,
      filter.messageId,
      filter.hardBounce,
      limit,
    ],
  );
}
