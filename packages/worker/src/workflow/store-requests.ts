/** The transaction: several requests into the table, each once, with the follow-ups that they call for. */
import { messageOf, type Logger } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { failureKind } from '../db/failure.js';
import type { PartitionsOnDemand } from '../db/partitions.js';
import { throughConflicts } from '../db/through-conflicts.js';
import { inTransaction } from '../db/transaction.js';
import { anonymiseRequest, isAboutRequest, nobodyErased, type ErasedPeople } from './erased-people.js';
import type { RequestPlanner } from './request-planner.js';
import { insertRequests } from './sql/insert-requests.js';
import type { WorkflowRequest } from './workflow-request.js';

/** `repeated`: the same request is kept already; `erased`: it is kept without whose it was. */
export type RequestOutcome = 'new' | 'repeated' | 'erased';

/** Stores requests. Rejects for infrastructure failures only: then nothing was changed, and the same call may be made again. No request is refused. */
export class RequestStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly partitions: PartitionsOnDemand,
    private readonly log: Logger,
    /** Replaced when the configuration is read again. */
    public planner?: RequestPlanner,
    private readonly erased: ErasedPeople = nobodyErased,
  ) {}

  /** An outcome for each, in order. */
  async store(requests: readonly WorkflowRequest[]): Promise<RequestOutcome[]> {
    const times = requests.map(({ receivedAt }) => receivedAt.getTime());
    await this.partitions.ensure('workflow_request', times);
    try {
      return await this.#apply(requests);
    } catch (error) {
      if (failureKind(error) !== 'data') throw error;
      const outcomes: RequestOutcome[] = [];
      for (const request of requests) outcomes.push(await this.#applyAlone(request));
      return outcomes;
    }
  }

  async #applyAlone(request: WorkflowRequest): Promise<RequestOutcome> {
    try {
      const [outcome = 'repeated'] = await this.#apply([request]);
      return outcome;
    } catch (error) {
      if (failureKind(error) !== 'data') throw error;
      const reason = messageOf(error);
      this.log.error({ requestId: request.id, hook: request.hook, err: reason }, 'follow-ups of a request could not be planned');
      const [outcome = 'repeated'] = await this.#apply([request], reason);
      return outcome;
    }
  }

  async #apply(requests: readonly WorkflowRequest[], refusedWith?: string): Promise<RequestOutcome[]> {
    const { planner } = this;
    const { outcomes, planned } = await throughConflicts(() =>
      inTransaction(this.dataSource, async (client) => {
        const erased = await this.erased.upToDate(client);
        const kept = requests.map((each) => (isAboutRequest(erased.peopleOf(each.source), each) ? anonymiseRequest(each) : each));
        const stored = await insertRequests(client, kept);
        const outcomes = kept.map((each) => (!stored.has(each.id) ? 'repeated' : each.erased === true ? 'erased' : 'new'));
        const fresh = kept.filter((_, index) => outcomes[index] === 'new');
        if (planner === undefined || fresh.length === 0) return { outcomes, planned: undefined };
        if (refusedWith === undefined) return { outcomes, planned: await planner.plan(client, fresh) };
        for (const request of fresh) await planner.recordRefused(client, request, refusedWith);
        return { outcomes, planned: undefined };
      }),
    );
    if (planned !== undefined) planner?.announce(planned);
    return outcomes;
  }
}
