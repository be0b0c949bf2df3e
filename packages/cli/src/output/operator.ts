/** Who sits at the machine, for the record of acts. */
import { hostname, userInfo } from 'node:os';

/** `ann@host`; in a container without a user of that number the host alone. */
export function operator(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return hostname();
  }
}
