/** What the fields of a file are taken for, for people who look before they import. */
import { toWebhookElement, webhookNameOf } from '../road-element.js';
import type { RoadElement } from '../road.js';
import type { FileRow } from './file-row.js';

interface FieldMapping {
  /** As they stand in the file. */
  field: string;
  /** The webhook's name; null: it has none, and the field is kept as it is. */
  webhook: string | null;
}

export interface Preview {
  mapping: FieldMapping[];
  /** What an activity needs and no field gives. */
  lacking: string[];
  rows: RoadElement[];
}

const needed = ['activityDateTime', 'activityStatus'];

/** Of the first `limit` rows. */
export async function previewOf(rows: AsyncIterable<FileRow>, limit: number): Promise<Preview> {
  const fields = new Set<string>();
  const elements: RoadElement[] = [];
  for await (const read of rows) {
    if (!('row' in read)) continue;
    for (const field of Object.keys(read.row)) fields.add(field);
    elements.push(toWebhookElement(read.row));
    if (elements.length >= limit) break;
  }
  const mapping = [...fields].map((field) => ({ field, webhook: webhookNameOf(field) ?? null }));
  const given = new Set(mapping.map(({ webhook }) => webhook));
  return { mapping, lacking: needed.filter((name) => !given.has(name)), rows: elements };
}
