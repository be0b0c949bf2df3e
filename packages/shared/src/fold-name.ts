/** What somebody pastes or types, as it is looked for: what cannot be seen makes no difference, nor does the way in which a phone number is written. */

/** Without characters that cannot be seen (zero width, direction marks, fillers, controls), with plain spaces, composed (NFC). */
export const foldName = (text: string): string =>
  withoutHidden(text)
    .replace(/[\p{Z}\s]+/gu, ' ')
    .replace(/\p{Cc}/gu, '')
    .trim()
    .normalize('NFC');

/** As it is looked for, and as it was given: an id of somebody's shop may well hold two spaces, or an accent of its own. Names nobody where nothing is to be seen. */
export function nameSpellings(text: string): string[] {
  const folded = foldName(text);
  return folded === '' ? [] : [...new Set([folded, withoutHidden(text).trim(), text.trim()])];
}

const withoutHidden = (text: string): string => text.replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '');

/**
 * The digits under which a phone number may be stored, or none where `text` is no phone number. "00" stands for "+" (ITU-T E.123); a Ukrainian number is
 * written as +380 50 …, 80 50 … or 050 ….
 */
export function phoneSpellings(text: string): string[] {
  const digits = phoneDigits(text);
  if (digits.length < 5) return [];
  const international = /^00\d{9,}$/.test(digits) ? digits.slice(2) : digits;
  const national = /^(?:380|80|0)([1-9]\d{8})$/.exec(international)?.[1];
  const known = national === undefined ? [international] : [`380${national}`, `80${national}`, `0${national}`];
  return [...new Set([digits, international, ...known, `00${known[0]}`])];
}

/** The digits of a phone number or of a part of one; empty for what is none. */
export const phoneDigits = (text: string): string =>
  /^[\d\s()+.,/\u2010-\u2015\u2212-]+$/.test(text) ? text.replace(/\D/g, '') : '';
