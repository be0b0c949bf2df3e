/** The environment that the services get: what the caller has set, and a working value for the rest. */
import { isPortFree, freePort } from '../ports.mjs';
import { codeOf, PlainError } from '../plain-error.mjs';
import { secret } from './home.mjs';

/** @typedef {{ name: string, host: string, port: number }} Listener */

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ ingress: Listener, admin: Listener }>} where the services will listen; the ports are free now
 */
export async function chooseListeners(env) {
  return { ingress: await chooseListener('INGRESS', 8080, env), admin: await chooseListener('ADMIN', 9090, env) };
}

/**
 * @param {'INGRESS' | 'ADMIN'} prefix
 * @param {number} usualPort
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Listener>}
 */
async function chooseListener(prefix, usualPort, env) {
  const host = env[`${prefix}_HOST`]?.trim() || '127.0.0.1';
  const text = env[`${prefix}_PORT`]?.trim() || String(usualPort);
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new PlainError(`${prefix}_PORT must be a port number from 0 (any free one) to 65535, not "${text}".`);
  }
  if (port === 0) return { name: prefix, host, port: await freePort() };
  const other = `choose another one: ${prefix}_PORT=${port < 1024 ? usualPort : port + 1} npm start`;
  try {
    if (await isPortFree(port, host)) return { name: prefix, host, port };
  } catch (error) {
    throw new PlainError(
      `Nothing can listen on ${host}:${port} (${codeOf(error) ?? String(error)}): check ${prefix}_HOST, or ${other}`,
    );
  }
  throw new PlainError(`Port ${port} is in use: stop what uses it, or ${other}`);
}

/**
 * @param {Listener} listener
 * @returns {string} its URL as seen from this machine
 */
export function urlOf({ host, port }) {
  const near = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${near.includes(':') ? `[${near}]` : near}:${port}`;
}

/**
 * @param {string} home
 * @param {string} databaseUrl
 * @param {{ ingress: Listener, admin: Listener }} listeners
 * @param {NodeJS.ProcessEnv} env
 */
export const serviceSettings = (home, databaseUrl, { ingress, admin }, env) => ({
  DATABASE_URL: databaseUrl,
  QUEUE_URL: env.QUEUE_URL?.trim() || databaseUrl,
  VIDHUK_CONFIG: env.VIDHUK_CONFIG?.trim() || 'vidhuk.yaml',
  VIDHUK_MAIN_TOKEN: secret(home, 'VIDHUK_MAIN_TOKEN', env),
  ADMIN_TOKEN: secret(home, 'ADMIN_TOKEN', env),
  INGRESS_HOST: ingress.host,
  INGRESS_PORT: String(ingress.port),
  ADMIN_HOST: admin.host,
  ADMIN_PORT: String(admin.port),
  LOG_LEVEL: env.LOG_LEVEL?.trim() || 'info',
});
