/** What a person needs to know once everything runs. */
import { join, relative } from 'node:path';
import pc from 'picocolors';
import { print } from '../output/print.js';
import { inClone } from './clone.js';
import { nearUrl } from '../system/near-url.js';
import type { Listeners } from './listeners.js';

export interface Facts {
  home: string;
  listeners: Listeners;
  /** The first of the configuration, with the first token that is valid there. */
  source: { name: string; token: string };
  adminToken: string;
  databaseUrl: string;
  /** Undefined where no login role could be made. */
  supportUrl: string | undefined;
  /** VIDHUK_HOME as the caller has set it: the command line finds this instance there. */
  givenHome: string | undefined;
}

export function showBanner({ home, listeners, source, adminToken, databaseUrl, supportUrl, givenHome }: Facts): void {
  const webhook = `${nearUrl(listeners.ingress)}/webhooks/esputnik/${source.name}/${encodeURIComponent(source.token)}`;
  const sample = relative(process.cwd(), inClone('test/samples/bulk.json'));
  const sameHome = givenHome ? `VIDHUK_HOME=${givenHome} ` : '';
  const support = supportUrl === undefined ? '' : `\n  Support  ${pc.cyan(`psql '${supportUrl}'`)}  reads only`;
  print(`
${pc.bold('Vidhuk is running.')} ${pc.dim('Ctrl-C stops it.')}

  Webhook  ${pc.cyan(webhook)}
  Admin    ${pc.cyan(`${nearUrl(listeners.admin)}/login#${encodeURIComponent(adminToken)}`)}${support}
  Owner    ${pc.cyan(`psql '${databaseUrl}'`)}  may change everything
  Logs     ${join(home, 'logs')}

Try it: post a sample of the sender, then look at the status of a contact in it.

  curl -X POST --data-binary @${sample} -H 'Content-Type: application/json' ${webhook}
  ${sameHome}npx vidhuk contact test1@yourdomain.com
`);
}
