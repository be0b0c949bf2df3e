/** Requests of workflows of people who were erased, and statistics that would remember them. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ErasedRequests1700000000009 implements MigrationInterface {
  readonly name = 'ErasedRequests1700000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table vidhuk.workflow_request add column erased boolean not null default false');
    await runner.query(
      `comment on column vidhuk.workflow_request.erased is 'Its person was erased: it is kept that it came, and nothing of what it said'`,
    );
    await runner.query('alter type vidhuk.workflow_request_input add attribute erased boolean');
    // Nobody plans by whole payloads, and the statistics would keep those that have been emptied since.
    for (const column of ['activity', 'contact', 'previous'])
      await runner.query(`alter table vidhuk.follow_up alter column ${column} set statistics 0`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const column of ['activity', 'contact', 'previous'])
      await runner.query(`alter table vidhuk.follow_up alter column ${column} set statistics -1`);
    await runner.query('alter type vidhuk.workflow_request_input drop attribute erased');
    await runner.query('alter table vidhuk.workflow_request drop column erased');
  }
}
