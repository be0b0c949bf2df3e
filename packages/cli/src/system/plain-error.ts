/** An error that a person can mend: shown as its message alone, which says what to do. */
export class PlainError extends Error {
  override readonly name = 'PlainError';
}

/** The system's code, such as EACCES; that of a DOMException is a number, and says nothing. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
