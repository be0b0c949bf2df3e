/** The clone of the repository that this file is part of, compiled or not: `vidhuk start` runs what is built there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlainError } from '../system/plain-error.js';

/** With a separator at its end. */
export const cloneRoot = fileURLToPath(new URL('../../../../', import.meta.url));

/** `path` is relative to the clone's folder. */
export const inClone = (path: string): string => join(cloneRoot, path);

/** Throws a {@link PlainError} where `root` is no clone with everything that is needed: an image, say. */
export function requireClone(root: string): void {
  if (!existsSync(join(root, 'scripts', 'start.mjs')))
    throw new PlainError(
      '"vidhuk start" runs Vidhuk from a clone of its repository, which this is not: here "docker compose up" starts the processes.',
    );
  if (!existsSync(join(root, 'packages', 'ingress', 'dist', 'main.js')))
    throw new PlainError('Vidhuk is not built yet: run "npm start" instead, which builds it first.');
}
