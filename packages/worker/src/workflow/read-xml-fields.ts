/** The texts of XML elements by their names. No entity but the five of XML itself is expanded, no document type is read, and nothing is fetched. */
import { maxReadBytes } from '@vidhuk/shared';
import { SaxesParser } from 'saxes';

/** Elements within each other; deeper ones are not read. */
const maxNesting = 32;

/**
 * Of each name, without its prefix, the first element that holds nothing but text. What is no XML to its end gives what was read up to there. Never
 * throws.
 */
export function readXmlFields(body: Buffer, names: ReadonlySet<string>): Record<string, string> {
  const text = body.length > maxReadBytes ? '' : body.toString('utf8').replace(/^\uFEFF/, '');
  if (!text.trimStart().startsWith('<')) return {};
  const found = new Map<string, string>();
  const open: { name: string; text: string; isLeaf: boolean }[] = [];
  let depth = 0;
  const parser = new SaxesParser({ xmlns: false });
  const add = (part: string) => {
    const current = open.at(-1);
    if (current !== undefined) current.text += part;
  };
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name }) => {
    const parent = open.at(-1);
    if (parent !== undefined) parent.isLeaf = false;
    if (++depth <= maxNesting) open.push({ name: name.replace(/^.*:/, ''), text: '', isLeaf: true });
  });
  parser.on('text', (part) => (depth <= maxNesting ? add(part) : undefined));
  parser.on('cdata', (part) => (depth <= maxNesting ? add(part) : undefined));
  parser.on('closetag', () => {
    const element = depth-- <= maxNesting ? open.pop() : undefined;
    if (element?.isLeaf && names.has(element.name) && !found.has(element.name)) found.set(element.name, element.text);
  });
  try {
    parser.write(text).close();
  } catch {
    // The rest cannot be read: the request is kept all the same.
  }
  return Object.fromEntries(found);
}
