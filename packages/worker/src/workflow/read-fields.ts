/** Whom a request names, and which run it belongs to: from its query, the top of its JSON, its form, or its XML. What cannot be read stays unread. */
import { idOf, shortTextOf } from '@vidhuk/shared';
import { normaliseInstance } from '../activity/workflow-instance.js';
import { readXmlFields } from './read-xml-fields.js';
import type { RequestFields } from './workflow-request.js';

type Named = Readonly<Record<string, unknown>>;

const names: ReadonlySet<keyof RequestFields> = new Set([
  'contactId',
  'externalCustomerId',
  'email',
  'phone',
  'workflowInstanceId',
]);

/** Of a name that stands in several places, the first that can be read counts: the query before the body. `content`: see `WorkflowRequest`. */
export function readFields(query: Named, content: unknown, body: Buffer): RequestFields {
  const members = isRecord(content) ? content : typeof content === 'string' ? readXmlFields(body, names) : {};
  const read = <T>(name: keyof RequestFields, as: (value: unknown) => T | null): T | null => {
    for (const place of [query, members]) {
      const given = Object.hasOwn(place, name) ? place[name] : undefined;
      for (const value of Array.isArray(given) ? (given as unknown[]) : [given]) {
        const known = as(value);
        if (known !== null) return known;
      }
    }
    return null;
  };
  return {
    contactId: read('contactId', idOf),
    externalCustomerId: read('externalCustomerId', shortTextOf),
    email: read('email', shortTextOf),
    phone: read('phone', shortTextOf),
    workflowInstanceId: read('workflowInstanceId', normaliseInstance),
  };
}

const isRecord = (value: unknown): value is Named => typeof value === 'object' && value !== null && !Array.isArray(value);
