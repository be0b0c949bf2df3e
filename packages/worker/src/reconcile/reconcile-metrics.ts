/** What the worker tells Prometheus of reconciling. */
import { Gauge, type Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import { countDrift } from './sql/count-drift.js';

export function measureDrift(registry: Registry, dataSource: DataSource): void {
  new Gauge({
    name: 'vidhuk_drift_activities',
    help: 'What the latest comparison with the other roads of a source found, by kind: added, missing, only_ours',
    labelNames: ['source', 'kind'],
    registers: [registry],
    async collect() {
      const rows = await countDrift(dataSource);
      this.reset();
      for (const { source, kind, count } of rows) this.set({ source, kind }, count);
    },
  });
}
