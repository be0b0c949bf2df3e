/** An error that a person can mend: shown as its message alone, which says what to do. */
export class PlainError extends Error {
  override readonly name = 'PlainError';
}

/** The system's code, such as EACCES. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;
