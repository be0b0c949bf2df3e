/** Asks a process which configuration it runs. */
import { inHeader, type Address, type ConfigurationStatus } from '@vidhuk/shared';
import { get } from '../system/get.js';
import { nearUrl } from '../system/near-url.js';

/** Rejects when it does not answer within 4 s, or not to this token. */
export async function askConfiguration(address: Address, token: string): Promise<ConfigurationStatus> {
  const authorization = `Bearer ${inHeader(token)}`;
  const { status, text } = await get(`${nearUrl(address)}/configuration`, AbortSignal.timeout(4_000), { authorization });
  if (status === 200) return JSON.parse(text) as ConfigurationStatus;
  // The ingress shows nobody else that there is such a page.
  if (status === 401 || status === 404) throw new Error(`${nearUrl(address)} has another ADMIN_TOKEN, or is another program`);
  throw new Error(`${nearUrl(address)} answers ${status}`);
}
