/** What the worker tells Prometheus of the quarantine. */
import { Gauge, type Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import { countWaiting } from './sql/count-waiting.js';

export function measureQuarantine(registry: Registry, dataSource: DataSource): void {
  new Gauge({
    name: 'vidhuk_quarantine_waiting',
    help: 'Broken elements that wait to be mended, by reason; flag="moves" are those that say whether somebody may be written to',
    labelNames: ['reason', 'flag'],
    registers: [registry],
    async collect() {
      const rows = await countWaiting(dataSource);
      this.reset();
      for (const { reason, movesFlag, count } of rows) this.set({ reason, flag: movesFlag ? 'moves' : 'stays' }, count);
    },
  });
}
