/** README's pictures against what the commands print now: after a change that shows, `npm run pictures` takes them anew. */
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { showBanner } from '../../../packages/cli/src/instance/banner.js';
import { textOf } from '../../docs/pictures/draw.js';
import { fillDatabase } from '../../support/fill-database.js';
import { capture, runCli } from '../../support/run-cli.js';
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
    variables = { DATABASE_URL: database.url, VIDHUK_MAIN_TOKEN: 'a-token-of-sixteen-and-more' };
  });
  after(() => database.drop());

  it('show what "npm start" says, line by line', async () => {
    const url = 'postgres://localhost/vidhuk';
    const stdout = capture(process.stdout);
    try {
      showBanner({
        home: '.vidhuk',
        listeners: { ingress: { host: '127.0.0.1', port: 8080 }, admin: { host: '127.0.0.1', port: 9090 } },
        source: { name: 'main', token: 'x' },
        adminToken: 'x',
        databaseUrl: url,
        supportUrl: url,
        givenHome: undefined,
      });
    } finally {
      stdout.restore();
    }
    const shown = await picture('start');
    const banner = shown.slice(shown.findIndex((line) => line.startsWith('Vidhuk is running')));
    const firstWords = (lines: readonly string[]) =>
      lines.map((line) => line.trim().split(' ')[0] ?? '').filter((word) => word !== '');
    expect(firstWords(banner)).to.deep.equal(firstWords(stripVTControlCharacters(stdout.text()).split('\n')));
  });

  it('show what "contact" says, word by word', async () => {
    const { stdout } = await runCli(variables, 'contact', 'test1@yourdomain.com');
    expect([...wordsOf(await picture('contact'))]).to.have.members([...wordsOf(stdout.split('\n'))]);
  });

  it('show what "doctor" checks, in its order', async () => {
    const findings = (lines: readonly string[]) => lines.flatMap((line) => /^[✓i!✗] (?<text>.+)/.exec(line)?.groups?.text ?? []);
    const { stdout } = await runCli({ ...variables, INGRESS_PORT: '1', ADMIN_PORT: '1' }, 'doctor');
    const printed = [...new Set(findings(stdout.split('\n')).map((text) => text.slice(0, 22).trim()))];
    expect(printed).to.have.length.greaterThan(15);
    // The picture has the spaces of a column as one. A check may have several findings, as many as there are processes.
    const longestFirst = printed.toSorted((a, b) => b.length - a.length);
    const shown = findings(await picture('doctor')).map(
      (text) => longestFirst.find((check) => text.startsWith(`${check} `)) ?? text,
    );
    expect([...new Set(shown)]).to.deep.equal(printed);
  });
});
