/** Counts in words. */

const format = new Intl.NumberFormat('en-US');

/** `1 follow-up`, `2 follow-ups`, `12,000 activities`; `several` where it does not end in -s. */
export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${format.format(count)} ${count === 1 ? one : several}`;
