/** What is at a path: a folder that may not be read is not one that is missing. */
import { statSync, type Stats } from 'node:fs';
import { userInfo } from 'node:os';
import { codeOf, PlainError } from '../system/plain-error.js';

/** Undefined where nothing is; fails with a {@link PlainError} where that cannot be told. */
export function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new PlainError(
      `${path} cannot be read (${codeOf(error) ?? String(error)}): let ${userInfo().username} read it, or set VIDHUK_HOME to another folder.`,
    );
  }
}
