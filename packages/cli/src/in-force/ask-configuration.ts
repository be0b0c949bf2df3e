/** Asks a process which configuration it runs. */
import { inHeader, type Address, type ConfigurationStatus } from '@vidhuk/shared';
import { nearUrl } from './near-url.js';

/** Rejects when it does not answer within 5 s, or not to this token. */
export async function askConfiguration(address: Address, token: string): Promise<ConfigurationStatus> {
  const response = await fetch(`${nearUrl(address)}/configuration`, {
    headers: { authorization: `Bearer ${inHeader(token)}` },
    signal: AbortSignal.timeout(5_000),
  });
  const text = await response.text();
  if (response.status === 200) return JSON.parse(text) as ConfigurationStatus;
  // The ingress shows nobody else that there is such a page.
  if (response.status === 401 || response.status === 404)
    throw new Error(`${nearUrl(address)} has another ADMIN_TOKEN, or is another program`);
  throw new Error(`${nearUrl(address)} answers ${response.status}`);
}
