/** An error that a person can mend: shown as its message alone, which says what to do. */
export class PlainError extends Error {}

/**
 * @param {unknown} error
 * @returns {string | undefined} the system's code, such as EACCES
 */
export const codeOf = (error) => (error instanceof Error && 'code' in error ? String(error.code) : undefined);

/** @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));
