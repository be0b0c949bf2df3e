/** What only the platform can tell of a source: whether its key is alive, what it may read, and whether our categories are its own. */
import { messageOf, type SourceConfiguration } from '@vidhuk/shared';
import type { DataSource } from 'typeorm';
import { counted } from '../output/plural.js';
import { inLine } from '../output/print.js';
import { readCategories } from '../platform/read-categories.js';
import { withPlatform } from '../platform/with-platform.js';
import { info, ok, problem, warning, type Check, type Complete, type Finding } from './check.js';

const minuteMs = 60_000;
const textOf = (time: number): string => new Date(time).toISOString().slice(0, 19);

/** null: nobody has asked for it. */
function sourceOf({ config, source }: Pick<Complete, 'config' | 'source'>): {
  name: string;
  settings: SourceConfiguration;
  worker: Complete['config']['worker'];
} | null {
  if (source === null) return null;
  const settings = Object.hasOwn(config.sources, source) ? config.sources[source] : undefined;
  if (settings === undefined) throw new Error(`there is no source "${source}" in the configuration`);
  return { name: source, settings, worker: config.worker };
}

export const platformChecks: readonly Check[] = [
  {
    name: 'API of the platform',
    needs: ['config'],
    async look(patient) {
      const asked = sourceOf(patient);
      if (asked === null) return [];
      const { platform } = asked.settings;
      if (platform === undefined)
        return [info(`source "${asked.name}" has no "platform: { apiKey }": what the feed missed cannot be pulled`)];
      return withPlatform(platform, asked.worker, async (api) => {
        try {
          const query = { dateFrom: textOf(Date.now() - minuteMs), dateTo: textOf(Date.now()), maxrows: '1' };
          await api.get('v2/contacts/activity', query);
          return [ok('the key is alive, and may read activities')];
        } catch (error) {
          return [problem(messageOf(error), 'pulling and "contact --platform" do not work until then')];
        }
      });
    },
  },
  {
    name: 'categories',
    needs: ['config', 'tables'],
    async look(patient) {
      const asked = sourceOf(patient);
      const platform = asked?.settings.platform;
      if (asked === null || platform === undefined) return [];
      try {
        const theirs = await withPlatform(platform, asked.worker, readCategories);
        return compareCategories(theirs, await readKeys(patient.tables, asked.name));
      } catch (error) {
        return [info(`not compared: ${messageOf(error)}`)];
      }
    },
  },
];

function compareCategories(theirs: readonly string[], ours: readonly string[]): Finding[] {
  const unknown = ours.filter((key) => !theirs.includes(key));
  if (unknown.length === 0)
    return [ok(`${counted(ours.length, 'key')} seen, all of them among the ${theirs.length} of the platform`)];
  const list = unknown.map(inLine).join(', ');
  return [
    warning(
      `seen in SUBSCRIPTION_CHANGED, but not a category of the platform: ${list}`,
      'was it renamed or deleted there? Actions and queries that name it match nobody new',
    ),
  ];
}

/** Keys that contacts are subscribed to, of so many contacts. */
const looked = 10_000;

async function readKeys(tables: DataSource, source: string): Promise<string[]> {
  const rows = await tables.query<{ key: string }[]>(
    `select distinct key from (
       select subscriptions from vidhuk.contact_status where source = $1 and subscriptions is not null limit ${looked}) as chosen,
       unnest(subscriptions) as key order by key`,
    [source],
  );
  return rows.map(({ key }) => key);
}
