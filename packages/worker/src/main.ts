/** The worker process. It hears SIGHUP before the rest of it is loaded, which takes a second or more. */
import { Reloads } from '@vidhuk/shared/reload';

const reloads = Reloads.on('SIGHUP');
const { runWorker } = await import('./run-worker.js');
await runWorker(process.env, reloads);
