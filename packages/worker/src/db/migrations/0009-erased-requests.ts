/** Requests of workflows of people who were erased, and statistics that would remember them. */
import type { QueryRunner } from 'typeorm';
import type { MigrationStep, PlannedMigration } from '../kit/planned-migration.js';

export class ErasedRequests1700000000009 implements PlannedMigration {
  readonly name = 'ErasedRequests1700000000009';
  readonly steps: readonly MigrationStep[] = [
    { what: 'a column for requests of erased people', table: 'workflow_request', blocks: 'everybody', eachRow: 'nothing' },
    { what: 'a view of the elements of bodies', table: null, blocks: 'nobody', eachRow: 'nothing' },
    { what: 'no statistics of payloads', table: 'follow_up', blocks: 'writers', eachRow: 'nothing' },
  ];

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table vidhuk.workflow_request add column erased boolean not null default false');
    await runner.query(
      `comment on column vidhuk.workflow_request.erased is 'Its person was erased: it is kept that it came, and nothing of what it said'`,
    );
    await runner.query('alter type vidhuk.workflow_request_input add attribute erased boolean');
    // For figures of the log: support reads elements of bodies, as in activity_raw, and not what else a batch holds.
    await runner.query(
      'create view vidhuk.batch_elements as select id as batch_id, vidhuk.elements_of(body) as elements from vidhuk.batch',
    );
    for (const comment of [
      `view vidhuk.batch_elements is 'The elements of each body, for figures of the log'`,
      `column vidhuk.batch_elements.batch_id is 'The batch'`,
      `column vidhuk.batch_elements.elements is 'As received, in order; null where no body is kept, or PostgreSQL cannot read it'`,
    ])
      await runner.query(`comment on ${comment}`);
    await runner.query('grant select on vidhuk.batch_elements to vidhuk_support');
    // Nobody plans by whole payloads, and the statistics would keep those that have been emptied since.
    for (const column of ['activity', 'contact', 'previous'])
      await runner.query(`alter table vidhuk.follow_up alter column ${column} set statistics 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop view vidhuk.batch_elements');
    for (const column of ['activity', 'contact', 'previous'])
      await runner.query(`alter table vidhuk.follow_up alter column ${column} set statistics -1`);
    await runner.query('alter type vidhuk.workflow_request_input drop attribute erased');
    await runner.query('alter table vidhuk.workflow_request drop column erased');
  }
}
