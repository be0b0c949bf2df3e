/** The source text of single elements: `JSON.stringify` cannot give back what was sent (numbers rounded, keys dropped, nesting too deep). */

/** The texts of the elements of a valid JSON array, or the whole text of any other JSON value as its only element. */
export function elementTexts(json: string): string[] {
  const text = json.trim();
  if (!text.startsWith('[')) return [text];
  const elements: string[] = [];
  let depth = 0;
  let start = 1;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '"') i = endOfString(text, i);
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if ((depth === 1 && character === ',') || depth === 0) {
      const element = text.slice(start, i).trim();
      if (element !== '') elements.push(element);
      start = i + 1;
    }
  }
  return elements;
}

function endOfString(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === '\\') i++;
    else if (character === '"') return i;
  }
  return text.length;
}
