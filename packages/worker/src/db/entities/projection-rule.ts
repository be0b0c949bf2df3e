import { EntitySchema } from 'typeorm';

/** A rule of `projection/rules.ts`, as the database knows it. */
export interface ProjectionRule {
  nth: number;
  version: number;
  status: string | null;
  hardBounce: boolean | null;
  subscriptions: string | null;
  moves: string;
  keeps: string;
  ofContact: boolean;
  ofChannel: boolean;
  aboutContact: boolean;
  words: string;
}

export const ProjectionRuleEntity = new EntitySchema<ProjectionRule>({
  name: 'projection_rule',
  columns: {
    nth: { type: 'integer', primary: true },
    version: { type: 'integer' },
    status: { type: 'text', nullable: true },
    hardBounce: { name: 'hard_bounce', type: 'boolean', nullable: true },
    subscriptions: { type: 'text', nullable: true },
    moves: { type: 'text' },
    keeps: { type: 'text' },
    ofContact: { name: 'of_contact', type: 'boolean' },
    ofChannel: { name: 'of_channel', type: 'boolean' },
    aboutContact: { name: 'about_contact', type: 'boolean' },
    words: { type: 'text' },
  },
});
