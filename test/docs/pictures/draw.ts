/** What stood on a terminal, as an SVG; and the text of such an SVG. */
import ansiToSvg from 'ansi-to-svg';

const font = 'ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace';
const padding = { paddingTop: 12, paddingBottom: 12, paddingLeft: 16, paddingRight: 16 };
/** On dark, with enough contrast to be read. */
const colors = {
  backgroundColor: '#0d1117',
  foregroundColor: '#e6edf3',
  red: '#ff7b72',
  green: '#3fb950',
  yellow: '#d29922',
  blue: '#58a6ff',
  cyan: '#39c5cf',
  gray: '#8b949e',
};

/** `text` has the colours of a terminal and no other control sequences. */
export const draw = (text: string): string =>
  `${ansiToSvg(withFixedSpaces(grayForDim(text)), { ...padding, colors, lineHeight: 18, fontFamily: font })}\n`;

/** The library knows no dim. */
const grayForDim = (text: string): string => text.replace(/\x1b\[2m(.*?)\x1b\[22m/gs, '\x1b[90m$1\x1b[39m');

/** SVG draws several spaces as one. Those at the beginning of a piece of text the library turns into its position. */
const withFixedSpaces = (text: string): string =>
  text
    .split(/(\x1b\[[\d;]*m|\n)/)
    .map((piece) => piece.replace(/(?<=\S) +/g, (spaces) => '\u00a0'.repeat(spaces.length)))
    .join('');

/** Line by line, without colours. Spaces between pieces are one. */
export function textOf(svg: string): string[] {
  const lines = new Map<string, string[]>();
  for (const [, y = '', text = ''] of svg.matchAll(/<text x="[^"]*" y="([^"]*)"[^>]*>([^<]*)<\/text>/g))
    lines.set(y, [...(lines.get(y) ?? []), decoded(text).trim()]);
  return [...lines.values()].map((pieces) => pieces.join(' ').replace(/\s+/g, ' ').trim());
}

const decoded = (text: string): string =>
  text.replace(/&#x([0-9a-f]+);/gi, (_whole, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
