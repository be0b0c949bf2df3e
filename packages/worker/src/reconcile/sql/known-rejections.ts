import type { DataSource } from 'typeorm';

/** Those of `raws`, texts of broken elements, that were quarantined before: a road tells of the same ones again and again. */
export async function knownRejections(dataSource: DataSource, source: string, raws: readonly string[]): Promise<Set<string>> {
  const rows = await dataSource.query<{ raw: string }[]>(
    'select distinct raw from vidhuk.rejected_activity where source = $1 and raw = any($2::text[])',
    [source, raws],
  );
  return new Set(rows.map(({ raw }) => raw));
}
