import type { DataSource } from 'typeorm';

/** Keeps who did what, without personal data. `who` is the user of the machine; the database's is added. */
export async function recordAct(
  dataSource: DataSource,
  { who, command, detail }: { who: string; command: string; detail: Readonly<Record<string, unknown>> },
): Promise<void> {
  await dataSource.query(`insert into vidhuk.act (who, command, detail) values ($1 || ' as ' || session_user, $2, $3)`, [
    who,
    command,
    JSON.stringify(detail),
  ]);
}
