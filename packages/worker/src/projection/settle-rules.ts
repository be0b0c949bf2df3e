/** Tells the database the rules of this program, so that `vidhuk.explain` and the fold can never go by different ones. */
import type { DataSource } from 'typeorm';
import { inTransaction } from '../db/transaction.js';
import { always, channelTimeColumns, contactTimeColumns, isAboutContact, rules, rulesVersion, type Rule } from './rules.js';
import { lockRules, projectedBy, writeRules, type RuleRow } from './sql/projection-rules.js';

export interface RulesState {
  /** Of this program. */
  ours: number;
  /** Those by which the projections were made. Less than ours: a rebuild is due. */
  projected: number;
}

/** Rules of a newer program are left alone. Rejects when the database is away; may then be called again. */
export function settleRules(dataSource: DataSource): Promise<RulesState> {
  return inTransaction(dataSource, async (client) => {
    const known = await lockRules(client);
    if (known <= rulesVersion) await writeRules(client, ruleRows(), rulesVersion);
    return { ours: rulesVersion, projected: await projectedBy(client, rulesVersion) };
  });
}

/** All of them, also those that hold for every status. */
export function ruleRows(): RuleRow[] {
  const whatever = { status: null, hardBounce: null, subscriptions: null, ofContact: true, ofChannel: true, aboutContact: false };
  return [
    ...rules.map(rowOf),
    { ...whatever, moves: always, keeps: 'latest', words: 'activity of any kind' },
    { ...whatever, moves: 'first_activity_at', keeps: 'earliest', words: 'activity of any kind' },
  ];
}

function rowOf({ status, when = {}, moves }: Rule): RuleRow {
  const { hardBounce = null, subscriptions = null, ...rest } = when;
  // A condition of a new kind needs a column of its own: until it has one, this does not compile.
  rest satisfies Record<string, never>;
  const conditions = [
    ...(hardBounce ? ['with hardBounce'] : []),
    ...(subscriptions === null ? [] : [subscriptions === 'some' ? 'to at least one subscription' : 'to no subscription at all']),
  ];
  return {
    status,
    hardBounce,
    subscriptions,
    moves,
    keeps: 'latest',
    ofContact: (contactTimeColumns as readonly string[]).includes(moves),
    ofChannel: (channelTimeColumns as readonly string[]).includes(moves),
    aboutContact: isAboutContact({ status }),
    words: [status, ...conditions].join(' '),
  };
}
