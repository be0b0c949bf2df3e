/** One unique index less in the ledger: ids are made of activity and action, see `follow-up/follow-up-id.ts`. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FollowUpId1700000000003 implements MigrationInterface {
  readonly name = 'FollowUpId1700000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table vidhuk.follow_up drop constraint follow_up_activity_key_action_key');
    await runner.query(
      `comment on column vidhuk.follow_up.id is 'Made of activity and action. Also the id that the receiver sees on every attempt (webhook-id), unless the call is for a group'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table vidhuk.follow_up add unique (activity_key, action)');
  }
}
