/** A whole simulation: generate, send, write the ledger, add up. */
import { generateBatches, type GenerateOptions } from './generate.js';
import { LedgerWriter } from './ledger.js';
import { sendBatches, type SenderOptions, type SendOutcome } from './sender.js';
import { SendStatistics, type SendSummary } from './statistics.js';

/** What `runSimulation` takes. */
export interface SimulationOptions {
  generate: GenerateOptions;
  /** The callbacks are called too, after the simulation's own book-keeping. */
  sender: SenderOptions;
  /** Where acknowledged batches are written; `source` is the receiver's name for the account. */
  ledger?: { path: string; source: string; append?: boolean };
}

/** How it ended, and the figures up to then. */
export interface SimulationResult {
  outcome: SendOutcome;
  summary: SendSummary;
}

/** Runs to the end, or until the sender's signal is aborted; the ledger is closed in any case. Throws LedgerError and RangeError (bad options). */
export async function runSimulation({ generate, sender, ledger }: SimulationOptions): Promise<SimulationResult> {
  const batches = generateBatches(generate);
  const writer = ledger && (await LedgerWriter.open(ledger.path, ledger));
  const statistics = new SendStatistics();
  try {
    const outcome = await sendBatches(batches, {
      ...sender,
      onRequest: (record) => {
        statistics.add(record);
        sender.onRequest?.(record);
      },
      onAcknowledged: async (batch) => {
        await writer?.write(batch, true);
        await sender.onAcknowledged?.(batch);
      },
      onUnanswered: async (batch) => {
        await writer?.write(batch, false);
        await sender.onUnanswered?.(batch);
      },
    });
    return { outcome, summary: statistics.summary() };
  } finally {
    await writer?.close();
  }
}
