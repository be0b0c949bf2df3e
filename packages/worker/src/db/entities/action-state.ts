import { EntitySchema } from 'typeorm';
import { nullableTime } from './columns.js';

export interface ActionState {
  action: string;
  disabledAt: Date | null;
  disabledReason: string | null;
  failures: number;
  opened: number;
  blockedUntil: Date | null;
  allowed: number | null;
  updatedAt: Date;
}

export const ActionStateEntity = new EntitySchema<ActionState>({
  name: 'action_state',
  columns: {
    action: { type: 'text', primary: true },
    disabledAt: nullableTime('disabled_at'),
    disabledReason: { name: 'disabled_reason', type: 'text', nullable: true },
    failures: { type: 'integer' },
    opened: { type: 'integer' },
    blockedUntil: nullableTime('blocked_until'),
    allowed: { type: 'integer', nullable: true },
    updatedAt: { name: 'updated_at', type: 'timestamptz' },
  },
});
