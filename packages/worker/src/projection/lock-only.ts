/**
 * A row with which the contacts' upsert only locks: what somebody wants to see as it was must not change with the others, and yet be locked with them,
 * in one pass and in one order, or two transactions wait for each other. Of a contact that nobody knows it makes one whose first activity is later than
 * its last, which the row itself mends in the same transaction.
 */
import type { ContactRow } from './fold.js';
import { always, timeColumns } from './rules.js';

/** ms since 1970: times that PostgreSQL has, and no activity. */
const [earliest, latest] = [Date.UTC(-4_000, 0), 8.64e15];
const noTimes = timeColumns.map((column) => (column === always ? earliest : -Infinity));

export const lockOnly = ({ source, contactId }: ContactRow): ContactRow => ({
  source,
  contactId,
  times: noTimes,
  firstActivityAt: latest,
  email: null,
  phone: null,
  externalCustomerId: null,
  subscriptions: null,
  mediaTypes: [],
});
