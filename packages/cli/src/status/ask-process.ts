/** Whether a process of this machine is ready, and why not. */
import type { Address } from '@vidhuk/shared';
import { nearUrl } from '../in-force/near-url.js';
import { get, type Answer } from '../system/get.js';

export interface ProcessStatus {
  name: 'ingress' | 'worker';
  /** `absent`: nobody answers there. */
  state: 'ready' | 'not ready' | 'absent';
  at: string;
  reasons: string[];
}

/** ms; on a busy machine loading the rest of the command alone takes a second of it. */
const patienceMs = 4_000;

export async function askProcess(name: ProcessStatus['name'], address: Address): Promise<ProcessStatus> {
  const url = nearUrl(address);
  const at = url.slice('http://'.length);
  const patience = AbortSignal.timeout(patienceMs);
  let answer: Answer;
  try {
    answer = await get(`${url}/health/ready`, patience);
  } catch {
    const hangs = patience.aborted;
    return {
      name,
      state: hangs ? 'not ready' : 'absent',
      at,
      reasons: hangs ? [`no answer within ${patienceMs / 1_000} s`] : [],
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
