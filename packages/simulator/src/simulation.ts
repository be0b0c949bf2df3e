/** A whole simulation: generate, send, write the ledger, add up. */
import { generateBatches, type GenerateOptions } from './generate.js';
import { LedgerWriter } from './ledger.js';
import { RunRequestSender } from './run-request-sender.js';
import { RunRequests, type RunRequest } from './run-requests.js';
import { sendBatches, type SenderOptions, type SendOutcome } from './sender.js';
import type { GeneratedBatch } from './generate.js';
import { SendStatistics, type SendSummary } from './statistics.js';

/** What `runSimulation` takes. */
export interface SimulationOptions {
  generate: GenerateOptions;
  /** The callbacks are called too, after the simulation's own book-keeping. */
  sender: SenderOptions;
  /** Where acknowledged batches are written; `source` is the receiver's name for the account. */
  ledger?: { path: string; source: string; append?: boolean };
  /** Also sends a request of the block "Webhook" for each run of a workflow: the hook's name, and its URL with its token. */
  workflow?: { hook: string; url: string };
}

/** How it ended, and the figures up to then. */
export interface SimulationResult {
  outcome: SendOutcome;
  summary: SendSummary;
  /** Of the block "Webhook", where they were asked for. */
  requests?: { sent: number; acknowledged: number };
}

/** Runs to the end, or until the sender's signal is aborted; the ledger is closed in any case. Throws LedgerError and RangeError (bad options). */
export async function runSimulation({ generate, sender, ledger, workflow }: SimulationOptions): Promise<SimulationResult> {
  const batches = generateBatches(generate);
  const writer = ledger && (await LedgerWriter.open(ledger.path, ledger));
  const statistics = new SendStatistics();
  const runs = workflow && new RunRequestSender({ ...sender, url: workflow.url });
  const made = workflow && new RunRequests(workflow.hook);
  const requests = { sent: 0, acknowledged: 0 };
  const sendRequests = async (batch: GeneratedBatch) => {
    const byAnswer: Record<'yes' | 'no', RunRequest[]> = { yes: [], no: [] };
    for (const request of made?.of(batch) ?? []) byAnswer[(await runs?.send(request)) ? 'yes' : 'no'].push(request);
    await writer?.writeRequests(byAnswer.yes, true);
    await writer?.writeRequests(byAnswer.no, false);
    requests.acknowledged += byAnswer.yes.length;
    requests.sent += byAnswer.yes.length + byAnswer.no.length;
  };
  try {
    const outcome = await sendBatches(batches, {
      ...sender,
      onRequest: (record) => {
        statistics.add(record);
        sender.onRequest?.(record);
      },
      onAcknowledged: async (batch) => {
        await writer?.write(batch, true);
        await sendRequests(batch);
        await sender.onAcknowledged?.(batch);
      },
      onUnanswered: async (batch) => {
        await writer?.write(batch, false);
        await sender.onUnanswered?.(batch);
      },
    });
    return { outcome, summary: statistics.summary(), ...(workflow && { requests }) };
  } finally {
    await writer?.close();
    await runs?.close();
  }
}
