/** Where each element of a body stands, in bytes, so that one can be replaced and all others stay byte for byte as they came. */

/** From `start` up to, and without, `end`. */
export interface Span {
  start: number;
  end: number;
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const opening = new Set([0x5b, 0x7b]);
const closing = new Set([0x5d, 0x7d]);
const space = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * The elements of a JSON array in their order, or all of any other text as its only element; without the white space around. Of a text that was cut off the
 * last one ends where the text does. JSON marks its structure by ASCII, which no other character of UTF-8 contains.
 */
export function elementSpans(body: Buffer): Span[] {
  const hasMark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  const whole = trimmed(body, hasMark ? 3 : 0, body.length);
  if (whole === undefined) return [];
  if (body[whole.start] !== 0x5b) return [whole];
  const spans: Span[] = [];
  const add = (from: number, to: number) => {
    const span = trimmed(body, from, to);
    if (span !== undefined) spans.push(span);
  };
  let depth = 0;
  let start = whole.start + 1;
  for (let at = whole.start; at < whole.end; at++) {
    const byte = body[at] ?? 0;
    if (byte === quote) at = endOfText(body, at);
    else if (opening.has(byte)) depth++;
    else if (closing.has(byte)) depth--;
    if ((depth === 1 && byte === comma) || depth === 0) {
      add(start, at);
      start = at + 1;
      if (depth === 0) return spans;
    }
  }
  add(start, whole.end);
  return spans;
}

/** `body` with other texts in the place of these elements, by position in {@link elementSpans}. */
export function replaceElements(body: Buffer, texts: ReadonlyMap<number, string>): Buffer {
  const pieces: Buffer[] = [];
  let copied = 0;
  for (const [position, { start, end }] of elementSpans(body).entries()) {
    const text = texts.get(position);
    if (text === undefined) continue;
    pieces.push(body.subarray(copied, start), Buffer.from(text));
    copied = end;
  }
  return Buffer.concat([...pieces, body.subarray(copied)]);
}

function trimmed(body: Buffer, from: number, to: number): Span | undefined {
  let [start, end] = [from, to];
  while (start < end && space.has(body[start] ?? 0)) start++;
  while (end > start && space.has(body[end - 1] ?? 0)) end--;
  return start < end ? { start, end } : undefined;
}

function endOfText(body: Buffer, open: number): number {
  for (let at = open + 1; at < body.length; at++) {
    const byte = body[at];
    if (byte === backslash) at++;
    else if (byte === quote) return at;
  }
  return body.length;
}
