/** README's pictures against what the commands print now: after a change that shows, `npm run pictures` takes them anew. */
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { textOf } from '../../docs/pictures/draw.js';
import { fillDatabase } from '../../support/fill-database.js';
import { runCli } from '../../support/run-cli.js';
import { createDatabase } from '../../support/services/database.js';

const picture = async (name: string): Promise<string[]> => textOf(await readFile(`docs/pictures/${name}.svg`, 'utf8'));

/** Words that do not change with time and place: no figures, no ages. */
function wordsOf(lines: readonly string[]): Set<string> {
  const text = lines.join(' ').replace(/\b(?:second|minute|hour|day|month|year)s? ago\b/g, '');
  return new Set(text.split(/\s+/).flatMap((word) => /^[(]?([A-Za-z][a-z-]+)[?:,)]*$/.exec(word)?.[1] ?? []));
}

describe('the pictures of README', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let variables: Record<string, string>;

  before(async () => {
    database = await createDatabase();
    await fillDatabase(database.url, [await readFile('test/samples/bulk.json')]);
    variables = { DATABASE_URL: database.url, VIDHUK_MAIN_TOKEN: 'a token of sixteen and more' };
  });
  after(() => database.drop());

  it('show what "contact" says, word by word', async () => {
    const { stdout } = await runCli(variables, 'contact', 'test1@yourdomain.com');
    expect([...wordsOf(await picture('contact'))]).to.have.members([...wordsOf(stdout.split('\n'))]);
  });

  it('show what "doctor" checks, in its order', async () => {
    const checksOf = (lines: readonly string[]) =>
      lines.flatMap((line) => /^[✓i!✗] (?<check>[a-z ]+)/.exec(line)?.groups?.check ?? []);
    const { stdout } = await runCli({ ...variables, INGRESS_PORT: '1', ADMIN_PORT: '1' }, 'doctor');
    const printed = checksOf(stdout.split('\n').map((line) => line.slice(0, 24).trim()));
    const shown = checksOf(await picture('doctor'));
    expect(printed).to.have.length.greaterThan(15);
    expect(printed.map((check, index) => shown[index]?.startsWith(check))).to.not.include(false);
    expect(shown).to.have.lengthOf(printed.length);
  });
});
