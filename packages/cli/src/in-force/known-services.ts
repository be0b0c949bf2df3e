/** The processes of a running `npm start`, which it leaves in `$VIDHUK_HOME/instance.json`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, startOf } from '../system/processes.js';

interface KnownProcess {
  pid: number;
  /** When it began: a pid may be used again. */
  start: string;
}

export interface KnownService {
  name: 'ingress' | 'worker';
  pid: number;
}

/** Those that still are the processes which were noted; empty where there is no instance. */
export function knownServices(home: string): KnownService[] {
  const services = readServices(join(home, 'instance.json'));
  return (['ingress', 'worker'] as const).flatMap((name) => {
    const service = services[name];
    return service !== undefined && isAlive(service.pid) && startOf(service.pid) === service.start
      ? [{ name, pid: service.pid }]
      : [];
  });
}

function readServices(file: string): Partial<Record<string, KnownProcess>> {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { services: Record<string, KnownProcess> }).services;
  } catch (error) {
    // Not there, or emptied by a power cut: then it names nobody.
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT')) return {};
    throw error;
  }
}
