/** Hostile bodies, one file per shape in `test/corpus`, each named for what it is, and what is expected of each. */
import { readdirSync, readFileSync } from 'node:fs';
import type { RejectionReason } from '../../packages/worker/src/activity/activity.js';

interface Expected {
  /** Elements that become activities. */
  taken: number;
  /** Of the others, by position. */
  refused: [position: number, reason: RejectionReason][];
}

const taken = (count: number): Expected => ({ taken: count, refused: [] });
const whole = (reason: RejectionReason): Expected => ({ taken: 0, refused: [[0, reason]] });
/** `count` broken elements between two sound ones. */
const between = (reason: RejectionReason, count = 1): Expected => ({
  taken: 2,
  refused: Array.from({ length: count }, (_, index) => [index + 1, reason]),
});
const notJson = whole('not-json');

const expectations: Readonly<Record<string, Expected>> = {
  'vendor-sample-with-bom-and-crlf': taken(4),
  'keys-of-object-prototype': taken(3),
  'nul-in-a-text': between('bad-text'),
  'nul-in-a-key': between('bad-text'),
  'nul-in-an-unknown-nested-text': between('bad-text'),
  'half-a-surrogate-pair': between('bad-text', 3),
  'escaped-backslash-before-u0000': taken(1),
  'ids-beyond-2-53': between('invalid-field', 4),
  'ids-as-1e6-and-1.0-and-minus-0': taken(3),
  'numbers-that-overflow-in-unknown-keys': taken(1),
  'the-same-key-twice': taken(1),
  'keys-with-escapes': taken(1),
  'keys-in-another-case': between('invalid-field'),
  'bytes-overlong-utf8': taken(1),
  'bytes-cesu-8-surrogates': taken(1),
  'bytes-cut-inside-of-a-character': notJson,
  'utf-16': notJson,
  'windows-1251-text': taken(1),
  'gzip-without-saying-so': notJson,
  'arrays-nested-1000-deep': between('too-deep'),
  'objects-nested-1000-deep': between('too-deep'),
  'arrays-that-never-end': notJson,
  'objects-that-never-end': notJson,
  'elements-that-are-no-objects': between('not-an-object', 6),
  'objects-with-nothing-in-them': between('invalid-field', 3),
  'two-documents-in-a-row': notJson,
  'one-document-per-line': notJson,
  'comma-too-many': notJson,
  'comment-in-json': notJson,
  'single-quotes': notJson,
  'nan-and-infinity': notJson,
  'leading-zero-and-plus': notJson,
  'raw-line-break-in-a-text': notJson,
  'html-of-a-gateway': notJson,
  form: notJson,
  'multipart-form': notJson,
  nothing: notJson,
  'white-space': notJson,
  'byte-order-mark-alone': notJson,
  'zero-bytes': notJson,
  'cut-off-in-an-element': notJson,
  'json-after-a-javascript-guard': notJson,
  'json-inside-of-a-json-text': whole('not-an-object'),
  'wrapped-in-an-object': whole('invalid-field'),
  'bare-object': taken(1),
  'empty-array': taken(0),
  'noncharacters-and-controls': taken(2),
  'bidi-and-zero-width-in-an-address': taken(2),
  'sql-in-every-text': taken(3),
  'templates-in-every-text': taken(1),
  'array-literals-of-postgresql-in-tags': taken(1),
  'dates-that-no-calendar-has': between('bad-date', 16),
  'dates-at-the-ends-of-time': {
    taken: 6,
    refused: [
      [3, 'bad-date'],
      [4, 'bad-date'],
    ],
  },
  'dates-of-other-types': between('invalid-field', 4),
  'objects-where-texts-belong': between('invalid-field', 7),
  'arrays-where-texts-belong': between('invalid-field', 4),
  'texts-too-long-for-an-index': between('invalid-field', 3),
  'texts-as-long-as-an-index-takes': taken(1),
  'a-long-iid-and-link': taken(2),
  'status-empty-or-too-long': between('invalid-field', 3),
  'status-nobody-knows': taken(4),
  'channel-nobody-knows': taken(4),
  'status-data-of-any-type': taken(3),
  'subscriptions-that-are-no-list-of-texts': between('invalid-field', 3),
  'no-contact': taken(2),
  'one-activity-three-times': taken(3),
};

const folder = new URL('../corpus/', import.meta.url);

/** Every file with what is expected of it; a file without an expectation, or the reverse, is an error. */
export function readCorpus(): { name: string; body: Buffer; expected: Expected }[] {
  const names = readdirSync(folder).map((file) => file.replace(/\.body$/, ''));
  const forgotten = Object.keys(expectations).filter((name) => !names.includes(name));
  if (forgotten.length > 0) throw new Error(`not in test/corpus: ${forgotten.join(', ')}`);
  return names.sort().map((name) => {
    const expected = expectations[name];
    if (expected === undefined) throw new Error(`nothing is said of what to expect of test/corpus/${name}.body`);
    return { name, body: readFileSync(new URL(`${name}.body`, folder)), expected };
  });
}
