import { isIP } from 'node:net';
import { messageOf } from '@vidhuk/shared';
import { parseTarget } from '../guarded-http.js';
import { refusalOf } from './address-guard.js';

/** Why this URL can never be called, as far as that shows before the first call, or null. Names are looked up only then. */
export function targetProblem(url: string, allowPrivateNetwork: boolean): string | null {
  try {
    const host = parseTarget(url).hostname.replace(/^\[(.*)\]$/, '$1');
    const refusal = allowPrivateNetwork || isIP(host) === 0 ? null : refusalOf(host);
    return refusal === null ? null : `${host} is no public address (${refusal}): "allowPrivateNetwork: true" allows it`;
  } catch (error) {
    return messageOf(error);
  }
}
