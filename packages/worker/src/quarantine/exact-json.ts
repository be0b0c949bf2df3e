/** JSON text to JSON text without loss: JSON.parse rounds numbers beyond 2^53 and forgets how they were written, and what was received shall be shown and kept as it was. */
import { randomUUID } from 'node:crypto';

/** Texts and numbers of a valid JSON document. */
const token = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** The JSON text of what `change` makes of the value of `text`; numbers are texts while it works, and come out as they went in. Throws as JSON.parse does. */
export function changeJson(text: string, change: (value: unknown) => unknown, indent?: number): string {
  JSON.parse(text); // with the numbers marked, some faults would not show
  const mark = randomUUID();
  const marked = text.replace(token, (found) => (found.startsWith('"') ? found : `"${mark}${found}"`));
  const changed = JSON.stringify(change(JSON.parse(marked)), null, indent);
  return changed.replace(new RegExp(`"${mark}([^"]*)"`, 'g'), '$1');
}

/** Laid out for reading where it is JSON, else as it is; with `indent` 0 on one line. */
export function prettyJson(text: string, indent = 2): string {
  try {
    const pretty = changeJson(text, (value) => value, indent);
    // Thousands of levels would be indented by thousands of columns.
    return pretty.length <= 10 * text.length + 1_000 ? pretty : text;
  } catch {
    return text;
  }
}
