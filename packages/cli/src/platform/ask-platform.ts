/** Asks the platform of each contact that was found. */
import { configPathOf, loadConfiguration, type PlatformConfiguration } from '@vidhuk/shared';
import type { KnownContact } from '@vidhuk/worker/contact';
import type { CliEnvironment } from '../environment.js';
import type { PlatformAnswer } from '../output/platform-report.js';
import { compareContact } from './compare-contact.js';
import { readPlatformContact } from './platform-contact.js';
import { withPlatform } from './with-platform.js';

/** The API takes ten of these questions a second, and an address may belong to many. */
const mostContacts = 5;

/** Throws where the configuration of a source has no key, or where there are too many to ask for. */
export async function askPlatform(
  environment: CliEnvironment,
  found: readonly KnownContact[],
): Promise<(KnownContact & { platform: PlatformAnswer })[]> {
  if (found.length > mostContacts)
    throw new Error(
      `${found.length} contacts are meant, and the platform is asked for ${mostContacts} at most: say which with --id`,
    );
  const { sources, worker } = await loadConfiguration(configPathOf(environment), environment);
  const settingsOf = (source: string): PlatformConfiguration => {
    const settings = Object.hasOwn(sources, source) ? sources[source]?.platform : undefined;
    if (settings === undefined) throw new Error(`sources.${source} has no "platform: { apiKey }" in the configuration`);
    return settings;
  };
  const answers: (KnownContact & { platform: PlatformAnswer })[] = [];
  for (const known of found) {
    const { source, contactId } = known.contact;
    const now = await withPlatform(settingsOf(source), worker, (api) => readPlatformContact(api, contactId));
    answers.push({ ...known, platform: { now, compared: compareContact(known, now) } });
  }
  return answers;
}
