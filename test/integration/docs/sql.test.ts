/** Every SQL block of the documentation, run as it stands there: by support, or by the owner where it makes something. */
import { expect } from 'chai';
import pg from 'pg';
import { codeBlocksOf, readPages, type CodeBlock } from '../../docs/markdown/pages.js';
import { withVariables } from '../../docs/sql/psql-variables.js';
import { createDatabase } from '../../support/services/database.js';

describe('the SQL of the documentation', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let client: pg.Client;
  let blocks: CodeBlock[];

  before(async () => {
    blocks = (await readPages()).flatMap(codeBlocksOf).filter(({ language }) => language === 'sql');
    database = await createDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });
  after(async () => {
    await client.end();
    await database.drop();
  });

  /** In a transaction that is taken back. */
  const run = async ({ text }: CodeBlock): Promise<void> => {
    await client.query('begin');
    try {
      if (!/^(?:create|alter|grant)\b/i.test(text)) await client.query('set local role vidhuk_support');
      await client.query(withVariables(text));
    } finally {
      await client.query('rollback');
    }
  };

  it('runs', async () => {
    expect(blocks).to.have.length.greaterThan(6);
    const problems: string[] = [];
    for (const block of blocks)
      await run(block).catch((error: unknown) => problems.push(`${block.page}: ${String(error)}\n${block.text}`));
    expect(problems.join('\n')).to.equal('');
  });
});
