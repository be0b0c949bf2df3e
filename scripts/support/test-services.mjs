/** What the tests use of the scripts. */
import { findRedisServer as find } from './check/redis-server.mjs';
import { freePort as choosePort } from './ports.mjs';
import { startEmbeddedPostgres as startPostgres } from './postgres/embedded-postgres.mjs';
import { stopProcess as stop } from './processes.mjs';

/** @typedef {typeof import('./test-services.d.mts')} Declared */

/** @type {Declared['startEmbeddedPostgres']} */
export const startEmbeddedPostgres = startPostgres;
/** @type {Declared['findRedisServer']} */
export const findRedisServer = find;
/** @type {Declared['freePort']} */
export const freePort = choosePort;
/** @type {Declared['stopProcess']} */
export const stopProcess = stop;
