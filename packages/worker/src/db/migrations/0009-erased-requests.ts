/** Requests of workflows of people who were erased. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ErasedRequests1700000000009 implements MigrationInterface {
  readonly name = 'ErasedRequests1700000000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table vidhuk.workflow_request add column erased boolean not null default false');
    await runner.query(
      `comment on column vidhuk.workflow_request.erased is 'Its person was erased: it is kept that it came, and nothing of what it said'`,
    );
    await runner.query('alter type vidhuk.workflow_request_input add attribute erased boolean');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter type vidhuk.workflow_request_input drop attribute erased');
    await runner.query('alter table vidhuk.workflow_request drop column erased');
  }
}
