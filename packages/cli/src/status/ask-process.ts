/** Whether a process of this machine is ready, and why not. */
import { messageOf, type Address } from '@vidhuk/shared';
import { nearUrl } from '../system/near-url.js';
import { get, type Answer } from '../system/get.js';
import { codeOf } from '../system/plain-error.js';

export interface ProcessStatus {
  name: 'ingress' | 'worker';
  /** `absent`: nobody answers there. */
  state: 'ready' | 'not ready' | 'absent';
  at: string;
  reasons: string[];
}

/** ms; on a busy machine loading the rest of the command alone takes a second of it. */
const patienceMs = 4_000;

/** Nobody listens, or the host is none. */
const nobodyThere = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL', 'EHOSTUNREACH', 'ENETUNREACH']);

export async function askProcess(name: ProcessStatus['name'], address: Address): Promise<ProcessStatus> {
  const url = nearUrl(address);
  const at = url.slice('http://'.length);
  const patience = AbortSignal.timeout(patienceMs);
  let answer: Answer;
  try {
    answer = await get(`${url}/health/ready`, patience);
  } catch (error) {
    if (nobodyThere.has(codeOf(error) ?? '')) return { name, state: 'absent', at, reasons: [] };
    return {
      name,
      state: 'not ready',
      at,
      reasons: [patience.aborted ? `no answer within ${patienceMs / 1_000} s` : messageOf(error)],
    };
  }
  const isReady = answer.status === 200;
  return { name, state: isReady ? 'ready' : 'not ready', at, reasons: isReady ? [] : reasonsOf(answer.text) };
}

/** `{"checks":{"database":"ok","queue":"…"}}`, or whatever else answers on that port. */
function reasonsOf(text: string): string[] {
  try {
    const { checks } = JSON.parse(text) as { checks: Record<string, string> };
    return Object.entries(checks).flatMap(([check, result]) => (result === 'ok' ? [] : [`${check}: ${result}`]));
  } catch {
    return [text.slice(0, 200)];
  }
}
