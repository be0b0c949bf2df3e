/** What somebody pastes or types, as it is looked for: what cannot be seen makes no difference, nor does the way in which a phone number is written. */

/** Without characters that cannot be seen (zero width, direction marks), with plain spaces, composed (NFC). */
export const foldName = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\p{Z}\s]+/gu, ' ')
    .trim();

/**
 * The digits under which a phone number may be stored, or none where `text` is no phone number. "00" stands for "+" (ITU-T E.123); a Ukrainian number is
 * written as +380 50 …, 80 50 … or 050 ….
 */
export function phoneSpellings(text: string): string[] {
  const digits = text.replace(/\D/g, '');
  if (digits.length < 5 || !/^[\d\s()+.,/\u2010-\u2015-]+$/.test(text)) return [];
  const international = /^00\d{9,}$/.test(digits) ? digits.slice(2) : digits;
  const national = /^(?:380|80|0)([1-9]\d{8})$/.exec(international)?.[1];
  return [
    ...new Set([digits, international, ...(national === undefined ? [] : [`380${national}`, `80${national}`, `0${national}`])]),
  ];
}
