/** For what must not happen in a comparison: it ends the process, whose parent then says so. */
export function endWith(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
