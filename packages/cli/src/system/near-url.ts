/** Where a process that listens at an address is asked from its own machine. */
import type { Address } from '@vidhuk/shared';

/** What listens everywhere is asked here. */
const near: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Without a slash at its end. */
export function nearUrl({ host, port }: Address): string {
  const name = near[host] ?? host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
