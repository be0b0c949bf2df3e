/** Checks of the configuration and of the processes that should be running. */
import { inHeader, messageOf, type Address } from '@vidhuk/shared';
import { nearUrl } from '../system/near-url.js';
import { get } from '../system/get.js';
import { info, ok, warning, type Check, type Finding } from './check.js';

/** What cannot be guessed even by somebody who tries for long. */
const shortestToken = 16;
const remedy = 'use a random one, for example from "openssl rand -hex 24"';

export const processChecks: readonly Check[] = [
  {
    name: 'tokens',
    needs: ['config'],
    look({ config, environment }) {
      const weak = Object.entries(config.sources).filter(([, { tokens }]) =>
        tokens.some((token) => token.length < shortestToken),
      );
      const findings = weak.map(([source]) =>
        warning(`source "${source}" has a token of fewer than ${shortestToken} characters`, remedy),
      );
      for (const [source, { tokens }] of Object.entries(config.sources))
        if (tokens.some((token) => token.includes('#')))
          findings.push(
            warning(
              `source "${source}" has a token with a "#", at which a URL ends: behind the URL it does not arrive whole`,
              'write it there as %23, or use another token',
            ),
          );
      if (environment.admin.token === undefined)
        findings.push(warning('ADMIN_TOKEN is not set: metrics and dashboard are closed', 'set it to a random text'));
      else if (environment.admin.token.length < shortestToken)
        findings.push(warning(`ADMIN_TOKEN has fewer than ${shortestToken} characters`, remedy));
      return Promise.resolve(findings.length > 0 ? findings : [ok('long enough')]);
    },
  },
  {
    name: 'ingress',
    needs: [],
    look: ({ environment }) => askHealth(environment.ingress, 'INGRESS_PORT', environment.admin.token),
  },
  { name: 'worker', needs: [], look: ({ environment }) => askHealth(environment.admin, 'ADMIN_PORT', environment.admin.token) },
];

/** With the admin token, without which the ingress does not say why it is not ready. */
async function askHealth(address: Address, setting: string, token = ''): Promise<Finding[]> {
  const url = nearUrl(address);
  const at = url.slice('http://'.length);
  try {
    const authorization = `Bearer ${inHeader(token)}`;
    const { status, text } = await get(`${url}/health/ready`, AbortSignal.timeout(5_000), { authorization });
    if (status === 200) return [ok(`answers at ${at}`)];
    return [warning(`at ${at} is not ready: ${text.slice(0, 300)}`, 'the checks of this list tell why')];
  } catch (error) {
    return [info(`does not answer at ${at} (${messageOf(error)}): it does not run here, or ${setting} is another`)];
  }
}
