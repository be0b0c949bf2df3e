import { EntitySchema } from 'typeorm';
import { nullableTime } from './columns.js';

/** How the projections were made; one row. */
export interface Projection {
  id: boolean;
  rulesVersion: number;
  rebuiltAt: Date | null;
}

export const ProjectionEntity = new EntitySchema<Projection>({
  name: 'projection',
  columns: {
    id: { type: 'boolean', primary: true },
    rulesVersion: { name: 'rules_version', type: 'integer' },
    rebuiltAt: nullableTime('rebuilt_at'),
  },
});
