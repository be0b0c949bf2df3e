/** The ingress process. It hears SIGHUP before the rest of it is loaded, which takes a second or more. */
import { Reloads } from '@vidhuk/shared/reload';

const reloads = Reloads.on('SIGHUP');
const { runIngress } = await import('./run-ingress.js');
await runIngress(process.env, reloads);
