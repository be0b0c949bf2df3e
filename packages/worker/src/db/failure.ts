/** What a failure of the database means for the batch that met it. */
import { QueryFailedError } from 'typeorm';

export type FailureKind =
  /** The data itself is refused: repeating cannot help, only its culprit's quarantine. */
  | 'data'
  /** Two transactions were in each other's way: repeat at once. */
  | 'conflict'
  /** The database is away, full, starting, not migrated …: wait, never quarantine. */
  | 'infrastructure';

/** SQLSTATE classes (PostgreSQL, appendix A): cardinality, data exception, integrity constraint, program limit exceeded. */
const dataClasses = ['21', '22', '23', '54'];
/** serialization_failure, deadlock_detected, lock_not_available. */
const conflicts = ['40001', '40P01', '55P03'];

export function failureKind(error: unknown): FailureKind {
  const code = sqlState(error);
  if (code === undefined) return 'infrastructure';
  if (dataClasses.includes(code.slice(0, 2))) return 'data';
  return conflicts.includes(code) ? 'conflict' : 'infrastructure';
}

/** "cached plan must not change result type", "prepared statement … does not exist". */
const stalePlans = ['0A000', '26000'];

/**
 * Whether the connection's memory may be to blame: types and prepared statements of before somebody restored the schema (undefined or mismatched
 * objects, class 42; "cache lookup failed", XX). A new connection asks again.
 */
export function mayBeStale(error: unknown): boolean {
  const code = sqlState(error) ?? '';
  return stalePlans.includes(code) || ['42', 'XX'].includes(code.slice(0, 2));
}

/** Five characters (PostgreSQL, appendix A); undefined for what does not come from the server. */
export function sqlState(error: unknown): string | undefined {
  if (error instanceof QueryFailedError) return sqlState(error.driverError);
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  // Socket errors have codes too (ECONNREFUSED); a SQLSTATE has five characters, digits and capitals.
  return /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}
