/** One reading of the configuration: what stood in the file at that moment, as a process uses it. */
import { readConfigurationFile } from './config.js';
import type { IsRead } from './variable-references.js';
import type { Environment } from './environment.js';
import { fingerprintOf } from './fingerprint.js';
import type { Variables } from './secret-variable.js';

export interface ReadConfiguration<C> {
  config: C;
  fingerprint: string;
  /** When the reading began. */
  readAt: Date;
}

/** Throws a {@link ConfigurationError} with every problem. `isRead`: the parts that this process reads, all of them where it is left out. `parse` gets the text, the path for its messages, and the variables. */
export async function readConfiguration<C>(
  { configPath, admin }: Pick<Environment, 'configPath' | 'admin'>,
  variables: Variables,
  parse: (text: string, path: string, variables: Variables, isRead?: IsRead) => C | Promise<C>,
  isRead?: IsRead,
): Promise<ReadConfiguration<C>> {
  const readAt = new Date();
  const text = await readConfigurationFile(configPath);
  const fingerprint = fingerprintOf(text, variables, admin.token, isRead);
  return { config: await parse(text, configPath, variables, isRead), fingerprint, readAt };
}
