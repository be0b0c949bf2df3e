/** An error that a person can mend: shown as its message alone, which says what to do. */
export class PlainError extends Error {}
