/** What a person needs to know once everything runs. */
import path from 'node:path';
import { bold, cyan, dim, print } from '../terminal.mjs';
import { urlOf } from './settings.mjs';

/**
 * @param {string} home
 * @param {ReturnType<typeof import('./settings.mjs').serviceSettings>} settings
 * @param {{ ingress: import('./settings.mjs').Listener, admin: import('./settings.mjs').Listener }} listeners
 * @param {NodeJS.ProcessEnv} env
 */
export function showBanner(home, settings, { ingress, admin }, env) {
  const webhook = `${urlOf(ingress)}/webhooks/esputnik/main/${encodeURIComponent(settings.VIDHUK_MAIN_TOKEN)}`;
  const adminUrl = new URL(`${urlOf(admin)}/queues`);
  adminUrl.username = 'admin';
  adminUrl.password = settings.ADMIN_TOKEN;
  const sameHome = env.VIDHUK_HOME ? `VIDHUK_HOME=${env.VIDHUK_HOME} ` : ''; // the tool finds this instance there
  print(`
${bold('Vidhuk is running.')} ${dim('Ctrl-C stops it.')}

  Webhook  ${cyan(webhook)}
  Admin    ${cyan(adminUrl.href)}
  psql     ${cyan(`psql '${settings.DATABASE_URL}'`)}
  Logs     ${path.join(home, 'logs')}

Try it: post a sample of the sender, then look at the status of a contact in it.

  curl -X POST --data-binary @test/samples/bulk.json -H 'Content-Type: application/json' ${webhook}
  ${sameHome}npx vidhuk contact test1@yourdomain.com
`);
}
