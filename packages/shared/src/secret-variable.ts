/** Secrets from the environment, or from files that it names, as Docker and Kubernetes mount them. */
import { readFileSync } from 'node:fs';
import { messageOf } from './errors.js';

/** `process.env`, or a test's stand-in for it. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The variable `name`; where it is not set or empty, the content of the file that the variable `name`_FILE names. Neither: no value. A file that cannot
 * be read or is empty: a problem, in words. White space, line breaks and a byte order mark around a value came with the way it was written, and go.
 */
export function readSecret(variables: Variables, name: string): { value?: string; problem?: string } {
  const value = settingOf(variables, name);
  if (value !== undefined) return { value };
  const path = settingOf(variables, `${name}_FILE`);
  if (path === undefined) return {};
  try {
    const content = readFileSync(path, 'utf8').trim();
    return content === '' ? { problem: `${name}_FILE names ${path}, which is empty` } : { value: content };
  } catch (error) {
    return { problem: `${name}_FILE names a file that cannot be read (${messageOf(error)})` };
  }
}

/** The variable without white space around it; one that is empty is not set. Not what every object has: `${constructor}` is no variable. */
export function settingOf(variables: Variables, name: string): string | undefined {
  const value = Object.hasOwn(variables, name) ? variables[name]?.trim() : undefined;
  return value === '' ? undefined : value;
}
