/** Ids of follow-ups as short as they can be: as many characters from their beginning as tell them from every other follow-up there is. */
import type { DataSource } from 'typeorm';

/** What a person expects of a short id, and what keeps it short for the next ones too. */
const shortest = 8;

/** Each of `ids` cut short. Its neighbours in the primary key decide, so the ledger is not read. */
export async function shortIds(dataSource: DataSource, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await dataSource.query<{ id: string; below: string | null; above: string | null }[]>(
    `select wanted.id,
       (select f.id from vidhuk.follow_up f where f.id < wanted.id order by f.id desc limit 1) as below,
       (select f.id from vidhuk.follow_up f where f.id > wanted.id order by f.id limit 1) as above
     from unnest($1::uuid[]) as wanted(id)`,
    [[...ids]],
  );
  return new Map(rows.map(({ id, below, above }) => [id, cut(id, [below, above])]));
}

function cut(id: string, neighbours: readonly (string | null)[]): string {
  const shared = neighbours.map((neighbour) => [...id].findIndex((character, index) => neighbour?.[index] !== character));
  const length = Math.max(shortest, ...shared.map((index) => index + 1));
  return id.slice(0, length).replace(/-$/, (dash) => `${dash}${id.charAt(length)}`);
}

/** The whole id that begins with `text`; throws where it is none, or that of several. What begins no follow-up's id comes back filled up. */
export async function wholeId(dataSource: DataSource, text: string): Promise<string> {
  const pattern = '00000000-0000-0000-0000-000000000000';
  const fits = text.length >= 4 && text.length <= pattern.length;
  if (!fits || ![...text].every((character, index) => (pattern[index] === '-' ? character === '-' : /[0-9a-f]/i.test(character))))
    throw new Error(`"${text}" is not the id of a follow-up, nor how one begins: "vidhuk follow-ups list" shows ids`);
  if (text.length === pattern.length) return text.toLowerCase();
  const rest = pattern.slice(text.length);
  const found = await dataSource.query<{ id: string }[]>(
    'select id from vidhuk.follow_up where id between $1 and $2 order by id limit 2',
    [`${text}${rest}`, `${text}${rest.replaceAll('0', 'f')}`],
  );
  const [only] = found;
  if (found.length > 1)
    throw new Error(`more than one follow-up has an id that begins with "${text}": give more of it (--wide shows all of it)`);
  return only?.id ?? `${text}${rest}`.toLowerCase();
}
