/** From parsed batches to what is in the database, through every failure that the data or other transactions can cause. */
import { messageOf, type Logger } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { decode, withTexts } from '../activity/parse-batch.js';
import { hintOf } from '../activity/rejection-hint.js';
import { failureKind } from '../db/failure.js';
import type { PartitionsOnDemand } from '../db/partitions.js';
import { throughConflicts } from '../db/through-conflicts.js';
import { applyBatches } from './apply-batches.js';
import type { Batch, BatchOutcome } from './batch.js';
import type { FollowUpPlanner } from './follow-up-planner.js';
import { isolateCulprits } from './isolate-culprits.js';
import { isApplied } from './sql/is-applied.js';
import { Tombstones } from './tombstones.js';
import type { Activity } from '../activity/activity.js';

/**
 * Applies `batches`; elements that the database refuses go to quarantine, the rest of their batch goes on. Rejects for infrastructure failures
 * only: then nothing was changed, and the same call may be made again.
 */
export class Projector {
  constructor(
    private readonly dataSource: DataSource,
    private readonly partitions: Pick<PartitionsOnDemand, 'ensure'>,
    private readonly log: Logger,
    /** Replaced when the configuration is read again. */
    public planner?: FollowUpPlanner,
    private readonly tombstones = new Tombstones(),
  ) {}

  /** Whether all of it is in the database already. */
  isApplied(batch: { id: string; receivedAt: string }): Promise<boolean> {
    return isApplied(this.dataSource, batch);
  }

  async project(batches: readonly Batch[]): Promise<BatchOutcome[]> {
    await this.partitions.ensure(
      'batch',
      batches.map((batch) => batch.receivedAt.getTime()),
    );
    await this.partitions.ensure('activity', occurrences(batches, this.tombstones.known.horizon));
    try {
      return await this.#applyThroughConflicts(batches);
    } catch (error) {
      if (failureKind(error) !== 'data') throw error;
      this.log.warn(
        { batches: batches.length, err: messageOf(error) },
        'the database refuses something in these batches, looking for it',
      );
      const outcomes: BatchOutcome[] = [];
      for (const batch of batches) outcomes.push(...(await this.#applyAlone(batch)));
      return outcomes;
    }
  }

  /** What cannot be logged goes to quarantine; what cannot be planned is logged all the same, and its follow-ups are recorded as failed. */
  async #applyAlone(batch: Batch): Promise<BatchOutcome[]> {
    const sound = await this.#quarantineCulprits(batch);
    const { planner } = this;
    try {
      return await this.#applyThroughConflicts([sound], planner);
    } catch (error) {
      if (failureKind(error) !== 'data' || planner === undefined) throw error;
      const refused = await this.#findCulprits(sound, planner);
      this.log.error({ batchId: batch.id, activities: refused.size, err: messageOf(error) }, 'follow-ups could not be planned');
      // What is refused only together with others cannot be told apart: then nothing of this batch is planned, rather than nothing logged.
      const culprits = refused.size > 0 ? refused : new Map(sound.activities.map((activity) => [activity, messageOf(error)]));
      const reasons = new Map([...culprits].map(([{ key }, reason]) => [key, reason]));
      return this.#applyThroughConflicts([sound], planner.leavingOut(reasons));
    }
  }

  #applyThroughConflicts(batches: readonly Batch[], planner = this.planner): Promise<BatchOutcome[]> {
    return throughConflicts(
      () => applyBatches(this.dataSource, batches, undefined, planner, this.tombstones),
      (error, conflicts) =>
        this.log.info({ conflicts, err: messageOf(error) }, 'two transactions were in each other’s way, trying again'),
    );
  }

  /** The activities that the database refuses, each with what it says, when they are applied with this planner. */
  async #findCulprits(batch: Batch, planner?: FollowUpPlanner): Promise<Map<Activity, string>> {
    const details = new Map<Activity, string>();
    await isolateCulprits(batch.activities, async (activities) => {
      const detail = await this.#refusalOf({ ...batch, activities, rejections: [] }, planner);
      const [only] = activities;
      if (detail !== undefined && only !== undefined && activities.length === 1) details.set(only, detail);
      return detail !== undefined;
    });
    return details;
  }

  async #quarantineCulprits(batch: Batch): Promise<Batch> {
    const refused = await this.#findCulprits(batch);
    const broken = [...refused].map(([activity, detail]) => ({
      position: activity.position,
      reason: 'refused-by-database' as const,
      detail,
      ...hintOf({ activityStatus: activity.status, hardBounce: activity.hardBounce, contactId: activity.contactId }),
    }));
    return {
      ...batch,
      activities: batch.activities.filter((activity) => !refused.has(activity)),
      rejections: [...batch.rejections, ...withTexts(broken, decode(batch.body))],
    };
  }

  /** What the database says against `batch`, found by applying it and taking it back; `undefined` when it would take it. */
  async #refusalOf(batch: Batch, planner?: FollowUpPlanner): Promise<string | undefined> {
    try {
      await applyBatches(this.dataSource, [batch], () => Promise.reject(new TakenBack()), planner, this.tombstones);
    } catch (error) {
      if (error instanceof TakenBack) return undefined;
      if (failureKind(error) === 'data') return messageOf(error);
      throw error;
    }
    return undefined;
  }
}

class TakenBack extends Error {}

/** Of what will be logged: months below the horizon get no partition again. */
function* occurrences(batches: readonly Batch[], horizon: number | null): Generator<number> {
  for (const batch of batches)
    for (const { occurredAt } of batch.activities) if (horizon === null || occurredAt >= horizon) yield occurredAt;
}
