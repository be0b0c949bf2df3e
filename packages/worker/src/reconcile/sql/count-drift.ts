import type { DataSource } from 'typeorm';

export interface DriftOfSource {
  source: string;
  kind: string;
  count: number;
}

/** Of the latest run of each source and road that came to an end, the larger one where roads differ. What agrees is no drift. */
const sql = `
  with latest as (
    select distinct on (source, road) id, source, road from vidhuk.reconcile_run
    where state in ('complete', 'incomplete') and road <> 'file' order by source, road, id desc),
  kinds as (select unnest(array['added', 'missing', 'only_ours']) as kind),
  counts as (
    select source, road, kinds.kind, coalesce(sum(count), 0) as count
    from latest cross join kinds left join vidhuk.drift on run_id = latest.id and drift.kind = kinds.kind
    group by source, road, kinds.kind)
  select source, kind, max(count)::float8 as count from counts group by source, kind`;

export const countDrift = (dataSource: DataSource): Promise<DriftOfSource[]> => dataSource.query<DriftOfSource[]>(sql);
