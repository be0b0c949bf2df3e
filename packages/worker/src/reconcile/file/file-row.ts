/** One row as it stands there, or why it cannot be read. */
export type FileRow = { line: number; row: Readonly<Record<string, unknown>> } | { line: number; fault: string };
