/** The obedient sender, and the comparison of what it got acknowledged with the database. */
export type { GenerateOptions } from './generate.js';
export { LedgerError } from './ledger.js';
export type { RequestRecord, SendOutcome } from './sender.js';
export { runSimulation, type SimulationResult } from './simulation.js';
export type { SendSummary } from './statistics.js';
export { describeDifference } from './verify/difference.js';
export { verifyLedger, type Verification, type VerifyProgress } from './verify/verify.js';
export { sourceOf, withoutSecrets, workflowUrlOf } from './webhook-url.js';
