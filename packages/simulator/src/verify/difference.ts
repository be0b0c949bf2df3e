/** What the database says otherwise than the ledger. */
import type { ColumnValue } from '../expected-status.js';

/** Where an element stands in the ledger: line from 1, position in its batch from 0. */
export interface LedgerPlace {
  line: number;
  position: number;
}

/** One difference; `kind` says which. */
export type Difference =
  /** Acknowledged and sound, but not in `vidhuk.activity`. */
  | ({
      kind: 'missing-activity';
      key: string;
      occurredAt: string;
      contactId: string | null;
      quarantined: string | null;
    } & LedgerPlace)
  /** In `vidhuk.activity` more than once. */
  | { kind: 'repeated-activity'; key: string; times: number }
  /** In `vidhuk.activity` for a contact of the ledger, but not in the ledger. */
  | { kind: 'unexpected-activity'; key: string; occurredAt: string; contactId: string; batchId: string }
  /** In `vidhuk.activity`, but with another value. */
  | ({
      kind: 'altered-activity';
      key: string;
      occurredAt: string;
      column: string;
      expected: string | null;
      actual: string | null;
    } & LedgerPlace)
  /** Meant to be sound, but the worker's own rules refuse it. */
  | ({ kind: 'refused-element'; reason: string; detail: string } & LedgerPlace)
  /** Acknowledged and broken, but not in `vidhuk.rejected_activity`. */
  | ({ kind: 'missing-rejection'; broken: string; raw: string } & LedgerPlace)
  /** An acknowledged request of a run: not in `vidhuk.workflow_request`, or with other bytes. */
  | { kind: 'missing-request' | 'altered-request'; line: number; hook: string; workflowInstanceId: string }
  /** The same: there more than once. */
  | { kind: 'repeated-request'; line: number; hook: string; workflowInstanceId: string; times: number }
  /** A row of `contact_status` (mediaType null) or `contact_channel_status` that should be there, or should not. */
  | { kind: 'missing-status' | 'unexpected-status'; source: string; contactId: number; mediaType: string | null }
  /** A column of such a row that has another value; times in ISO 8601. */
  | {
      kind: 'altered-status';
      source: string;
      contactId: number;
      mediaType: string | null;
      column: string;
      expected: ColumnValue;
      actual: ColumnValue;
    };

export type DifferenceKind = Difference['kind'];

/** Counts all differences, and keeps the first `limit` of them. */
export class Differences {
  readonly list: Difference[] = [];
  readonly totals: Partial<Record<DifferenceKind, number>> = {};
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many more are worth describing. */
  get room(): number {
    return Math.max(0, this.#limit - this.list.length);
  }

  get total(): number {
    return Object.values(this.totals).reduce((sum, count) => sum + count, 0);
  }

  add(difference: Difference): void {
    this.count(difference.kind, 1);
    if (this.room > 0) this.list.push(difference);
  }

  /** Counts without describing. */
  count(kind: DifferenceKind, times: number): void {
    if (times > 0) this.totals[kind] = (this.totals[kind] ?? 0) + times;
  }
}

/** One line for people. */
export function describeDifference(difference: Difference): string {
  switch (difference.kind) {
    case 'missing-activity': {
      const { key, occurredAt, contactId, quarantined } = difference;
      const instead = quarantined === null ? 'missing from the log' : `not in the log but in quarantine (${quarantined})`;
      return `${placeOf(difference)}: activity ${key} of ${occurredAt}, contact ${contactId ?? 'none'}: ${instead}`;
    }
    case 'repeated-activity':
      return `activity ${difference.key}: ${difference.times} times in the log`;
    case 'unexpected-activity':
      return `activity ${difference.key} of ${difference.occurredAt}, contact ${difference.contactId}: in the log (batch ${difference.batchId}) but not in the ledger`;
    case 'altered-activity':
      return `${placeOf(difference)}: activity ${difference.key} of ${difference.occurredAt}: ${difference.column} is ${show(difference.actual)}, should be ${show(difference.expected)}`;
    case 'refused-element':
      return `${placeOf(difference)}: meant to be sound, but refused: ${difference.reason}, ${difference.detail}`;
    case 'missing-rejection':
      return `${placeOf(difference)}: broken (${difference.broken}) but not in quarantine: ${difference.raw.slice(0, 80)}`;
    case 'missing-request':
      return `${runOf(difference)}: not in workflow_request`;
    case 'altered-request':
      return `${runOf(difference)}: its body is another one in workflow_request`;
    case 'repeated-request':
      return `${runOf(difference)}: ${difference.times} times in workflow_request`;
    case 'missing-status':
      return `${statusOf(difference)}: no row`;
    case 'unexpected-status':
      return `${statusOf(difference)}: a row that should not be there`;
    case 'altered-status':
      return `${statusOf(difference)}: ${difference.column} is ${show(difference.actual)}, should be ${show(difference.expected)}`;
  }
}

function placeOf({ line, position }: LedgerPlace): string {
  return `ledger line ${line}, element ${position}`;
}

function runOf({ line, hook, workflowInstanceId }: { line: number; hook: string; workflowInstanceId: string }): string {
  return `ledger line ${line}, request ${hook} of the run ${workflowInstanceId}`;
}

function statusOf({ source, contactId, mediaType }: { source: string; contactId: number; mediaType: string | null }): string {
  return mediaType === null
    ? `contact_status ${source} ${contactId}`
    : `contact_channel_status ${source} ${contactId} ${mediaType}`;
}

function show(value: ColumnValue): string {
  return value === null ? 'empty' : Array.isArray(value) ? `{${value.join(',')}}` : String(value);
}
