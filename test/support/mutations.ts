/** Payloads made worse, for property tests: at the level of bytes, where anything may come out, and of JSON, where it stays JSON. */
import fc from 'fast-check';

/** JSON texts of values that have broken parsers, databases and programs. */
const hostileValues = [
  'null',
  'true',
  '-0',
  '0.1',
  '1e3',
  '1e400',
  '-1e-400',
  '9007199254740991',
  '9007199254740993',
  '-9223372036854775809',
  '9'.repeat(400),
  '""',
  '" "',
  '{}',
  '[]',
  '[[]]',
  '[null]',
  '{"":{"":""}}',
  '{"__proto__":{"hardBounce":true}}',
  '{"constructor":{"prototype":{"activityStatus":"SPAM"}}}',
  '{"toJSON":"x","then":1,"length":1e9}',
  '{"subscription":{"subscriptions":[7]}}',
  '{"subscriptions":"news"}',
  String.raw`"\u0000"`,
  String.raw`"\ud83d"`,
  String.raw`"\udc00\ud800"`,
  String.raw`"\uffff\ufdd0\ufeff"`,
  String.raw`"\u202e\u200b\u0000\\"`,
  String.raw`"\\u0000"`,
  '"\u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}"',
  `"'; drop table vidhuk.activity; --"`,
  '"$1 %s %n {{ 7 | times: 7 }} ${VIDHUK_MAIN_TOKEN}"',
  '"2024-02-30T00:00:00"',
  '"2024-12-31T23:59:60"',
  '"0000-01-01T00:00:00"',
  '"9999-12-31T23:59:59-23:59"',
  '"SUBSCRIPTION_CHANGED"',
  '"constructor"',
  `"${'a'.repeat(501)}"`,
  `"${'ї'.repeat(3_000)}"`,
  `${'['.repeat(33)}${']'.repeat(33)}`,
  `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`,
] as const;

const hostileKeys = [
  '""',
  '"__proto__"',
  '"constructor"',
  '"toJSON"',
  '"activityStatus"',
  '"contactId"',
  '"ACTIVITYSTATUS"',
  String.raw`"\u0061ctivityStatus"`,
  String.raw`"\u0000"`,
  String.raw`"\ud800"`,
] as const;

const token = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*|true|false|null|\{/g;

interface JsonMutation {
  at: number;
  value: string;
  key: string;
  does: 'replace' | 'precede';
}

const jsonMutation: fc.Arbitrary<JsonMutation> = fc.record({
  at: fc.nat(),
  value: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...hostileValues) },
    { weight: 1, arbitrary: fc.json({ stringUnit: 'binary' }) },
  ),
  key: fc.constantFrom(...hostileKeys),
  does: fc.constantFrom('replace', 'precede'),
});

/** A key or value replaced by a hostile one, or a hostile member put in front of it. */
function mutateJson(text: string, { at, value, key, does }: JsonMutation): string {
  const found = [...text.matchAll(token)];
  const chosen = found[at % found.length];
  if (chosen === undefined) return text;
  const [old, colon] = chosen;
  const end = chosen.index + old.length;
  const put = (replacement: string): string => text.slice(0, chosen.index) + replacement + text.slice(end);
  if (old === '{') return text.startsWith('}', end) ? put(`{${key}:${value}`) : put(`{${key}:${value},`);
  if (colon === undefined) return put(value);
  return put(does === 'replace' ? `${key}${colon}` : `${key}:${value},${old}`);
}

/** `text`, valid JSON, after one to six changes that leave it valid JSON. */
export const mutatedJson = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(text, fc.array(jsonMutation, { minLength: 1, maxLength: 6 }))
    .map(([original, mutations]) => mutations.reduce(mutateJson, original));

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 6 }),
  fc
    .constantFrom(
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '\0',
      '\u{FEFF}',
      '\n',
      'null',
      '},{',
      '],[',
      '\\u0000',
      '\\ud800',
      '1e999',
    )
    .map((text) => Buffer.from(text)),
);
const byteMutation = fc.record({ at: fc.nat(), removes: fc.nat({ max: 40 }), inserts: piece });

/** `body` after one to eight replacements of some bytes by others: flips, cuts, insertions. */
export const mutatedBytes = (body: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> =>
  fc.tuple(body, fc.array(byteMutation, { minLength: 1, maxLength: 8 })).map(([original, mutations]) =>
    mutations.reduce((bytes, { at, removes, inserts }) => {
      const start = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, start), inserts, bytes.subarray(start + removes)]);
    }, original),
  );
