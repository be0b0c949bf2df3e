/** What other packages use of reconciling, as `@vidhuk/worker/reconcile`. */
export type { ReconcileRun, Unread } from '../db/entities/reconcile-run.js';
export { previewOf, type Preview } from './file/field-mapping.js';
export { FileRoad, type FileFault } from './file/file-road.js';
export { fileFormats, formatOf, openFile, type FileFormat } from './file/open-file.js';
export { withRoad } from './open-road.js';
export { NotAnswered, PlatformApi } from './pull/platform-api.js';
export { reconcile, totalsOf, type RunResult } from './reconcile.js';
export type { Road } from './road.js';
export type { DriftCount } from './tally.js';
