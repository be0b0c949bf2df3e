/** The indexes of the second tables, made once their rows are there, which takes less than keeping them up to date. */
import type { DataSource } from 'typeorm';
import { onConnection } from '../../../db/on-connection.js';
import { secondSchema, swappedTables } from '../../../projection/second-tables.js';
import { describeIndexes } from './describe-tables.js';

/** Under the names that they have in the tables. What is there already stays; may be called again. */
export async function makeIndexes(dataSource: DataSource): Promise<void> {
  await onConnection(dataSource, async (client) => {
    for (const { name, parent, definition, comment } of await describeIndexes(client, swappedTables)) {
      const index = `${secondSchema}.${name}`;
      const { rows } = await client.query<{ missing: boolean }>('select to_regclass($1) is null as missing', [index]);
      if (rows[0]?.missing !== true) continue;
      const { rows: tables } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
        / ON (?:ONLY )?vidhuk\.(\S+)/.exec(definition)?.[1]?.replace(/^/, `${secondSchema}.`),
      ]);
      if (tables[0]?.there !== true) continue; // of a month that was made meanwhile
      await client.query('begin');
      try {
        await client.query(definition.replace(/( ON (?:ONLY )?)vidhuk\./, `$1${secondSchema}.`));
        if (parent !== null) await client.query(`alter index ${secondSchema}.${parent} attach partition ${index}`);
        if (comment !== null) await client.query(`comment on index ${index} is '${comment.replaceAll("'", "''")}'`);
        await client.query('commit');
      } catch (error) {
        await client.query('rollback');
        throw error;
      }
    }
    await client.query(`analyze ${swappedTables.map((table) => `${secondSchema}.${table}`).join(', ')}`);
  });
}
