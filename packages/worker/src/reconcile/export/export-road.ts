/** The platform's export into a PostgreSQL of the customer as a road: the table `contactActivities`, in slices. */
import { messageOf, PermanentError } from '@vidhuk/shared';
import { sqlState } from '../../db/failure.js';
import { toWebhookElement } from '../road-element.js';
import { isPullable, type Period, type Road, type RoadContact, type RoadElement, type Told } from '../road.js';
import { textOfClock } from '../wall-clock.js';
import { activityQuery } from './activity-query.js';
import { contactQuery, toRoadContact, type ContactRow } from './contact-query.js';
import type { ExportDatabase } from './export-database.js';
import { findTable } from './find-table.js';

const sliceMs = 2 * 3_600_000;
/** Rows of one statement. */
const usualPageSize = 5_000;

export interface ExportRoadParts {
  database: ExportDatabase;
  schema: string;
  /** Of the source: in which the export writes times without an offset. */
  timeZone: string;
}

export class ExportRoad implements Road {
  readonly name = 'export';

  constructor(
    private readonly parts: ExportRoadParts,
    private readonly pageSize = usualPageSize,
  ) {}

  tells(status: string): boolean {
    return isPullable(status);
  }

  async *tell(period: Period | null): AsyncGenerator<Told> {
    if (period === null) throw new Error('the export is asked for a period');
    const { database, schema, timeZone } = this.parts;
    const query = activityQuery(await database.read((client) => findTable(client, schema, 'contactActivities')), timeZone);
    for (let { from } = period; from < period.to; from += sliceMs) {
      const slice = { from, to: Math.min(from + sliceMs, period.to) };
      try {
        for (let second: string | null = null; ;) {
          const rows = await this.#page(query(slice, second));
          if (rows.length === 0) break;
          yield { kind: 'rows', rows };
          second = lastSecond(rows);
        }
        yield { kind: 'read', ...slice };
      } catch (error) {
        const reason = unreadReason(error);
        if (reason === null) throw error;
        yield { kind: 'unread', ...slice, reason };
      }
    }
  }

  async *contacts(period: Period): AsyncGenerator<readonly RoadContact[]> {
    const { database, schema, timeZone } = this.parts;
    const query = contactQuery(await database.read((client) => findTable(client, schema, 'contacts')));
    for (let after = 0; ;) {
      const { rows } = await database.read((client) =>
        client.query<ContactRow>(query, [timeZone, textOfClock(period.from), textOfClock(period.to), after, this.pageSize]),
      );
      const last = rows.at(-1);
      if (last === undefined) return;
      after = Number(last.id);
      yield rows.map(toRoadContact);
    }
  }

  /** Each in a transaction of its own: none stays open while we do something else. */
  async #page({ text, values }: { text: string; values: unknown[] }): Promise<RoadElement[]> {
    const { rows } = await this.parts.database.read((client) =>
      client.query<Record<string, string | null>>(text, [...values, this.pageSize]),
    );
    return rows.map(toWebhookElement);
  }
}

/** `activityDateTime` of the last of a page: the pages are whole seconds. */
const lastSecond = (rows: readonly RoadElement[]): string => String(rows.at(-1)?.activityDateTime);

/** 57014 query_canceled, 55P03 lock_not_available (PostgreSQL, appendix A): another time it may be read. */
function unreadReason(error: unknown): string | null {
  if (error instanceof PermanentError) return null;
  return ['57014', '55P03'].includes(sqlState(error) ?? '') ? `the export: ${messageOf(error)}` : null;
}
