/** A configuration made wrong in every place, one place at a time. */

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Each with the change, in words: left out, misspelt, of another kind. */
export function* mutate(value: unknown): Generator<readonly [change: string, changed: unknown]> {
  for (const [change, changed] of changesOf(value as Json, '')) yield [change, changed];
}

function* changesOf(value: Json, at: string): Generator<[string, Json]> {
  for (const other of othersThan(value)) yield [`${at} = ${JSON.stringify(other)}`, other];
  if (value === null || typeof value !== 'object') return;
  for (const key of Object.keys(value)) {
    const put = (part: Json): Json => replace(value, key, part);
    for (const [change, changed] of changesOf(partOf(value, key), `${at}.${key}`)) yield [change, put(changed)];
    if (Array.isArray(value)) continue;
    const { [key]: part, ...rest } = value;
    yield [`no ${at}.${key}`, rest];
    yield [`${at}.${key}x`, { ...rest, [`${key}x`]: part ?? null }];
  }
}

const partOf = (value: Json[] | Record<string, Json>, key: string): Json =>
  (Array.isArray(value) ? value[Number(key)] : value[key]) ?? null;

const replace = (value: Json[] | Record<string, Json>, key: string, part: Json): Json =>
  Array.isArray(value) ? value.with(Number(key), part) : { ...value, [key]: part };

/** Of other types, and for numbers out of range. */
function othersThan(value: Json): Json[] {
  if (typeof value === 'number') return ['many', -1, 1.5];
  if (typeof value === 'boolean') return ['yes', null];
  if (typeof value === 'string') return [1.5, { a: 1 }];
  return ['7', null]; // a text that is JSON, too: a body may be one
}
