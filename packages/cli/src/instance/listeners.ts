/** Where the services will listen: ports that are free now and not the same. */
import type { Address, Environment } from '@vidhuk/shared';
import { codeOf, PlainError } from '../system/plain-error.js';
import { freePort, holdPort } from '../system/ports.js';

export interface Listeners {
  ingress: Address;
  admin: Address;
}

/** Throws a {@link PlainError} that names another port where one cannot be had; 0 means any free one. */
export async function chooseListeners({ ingress, admin }: Pick<Environment, 'ingress' | 'admin'>): Promise<Listeners> {
  const first = await hold('INGRESS', 8080, ingress);
  try {
    if (admin.port !== 0 && admin.port === ingress.port && !(await couldListen(admin)))
      throw new PlainError(
        `INGRESS_PORT and ADMIN_PORT are both ${admin.port}: choose another one: ADMIN_PORT=${admin.port === 9090 ? 9091 : 9090} npm start`,
      );
    const second = await hold('ADMIN', 9090, admin);
    await second.letGo();
    return { ingress: first.address, admin: second.address };
  } finally {
    await first.letGo();
  }
}

/** While the ingress's port is held. */
async function couldListen({ host, port }: Address): Promise<boolean> {
  const letGo = await holdPort(port, host).catch(() => undefined);
  await letGo?.();
  return letGo !== undefined;
}

async function hold(
  prefix: 'INGRESS' | 'ADMIN',
  usualPort: number,
  { host, port: wanted }: Address,
): Promise<{ address: Address; letGo: () => Promise<void> }> {
  const port = wanted === 0 ? await freePort() : wanted;
  const other = `choose another one: ${prefix}_PORT=${port < 1024 ? usualPort : port + 1} npm start`;
  const letGo = await holdPort(port, host).catch((error: unknown) => {
    throw new PlainError(
      `Nothing can listen on ${host}:${port} (${codeOf(error) ?? String(error)}): check ${prefix}_HOST, or ${other}`,
    );
  });
  if (letGo === undefined) throw new PlainError(`Port ${port} is in use: stop what uses it, or ${other}`);
  return { address: { host, port }, letGo };
}
