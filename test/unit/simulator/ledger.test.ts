import { expect } from 'chai';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateBatches } from '../../../packages/simulator/src/generate.js';
import { type LedgerEntry, LedgerError, LedgerWriter, readLedger } from '../../../packages/simulator/src/ledger.js';

const readAll = async (path: string): Promise<LedgerEntry[]> => {
  const entries: LedgerEntry[] = [];
  for await (const entry of readLedger(path)) entries.push(entry);
  return entries;
};
const failureOf = async (promise: Promise<unknown>): Promise<unknown> => promise.then(() => undefined, (error: unknown) => error); // prettier-ignore

describe('the ledger', () => {
  let folder = '';
  let path = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vidhuk-ledger-'));
    path = join(folder, 'ledger');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('gives back the exact texts, what is broken, and whether it was acknowledged', async () => {
    const batches = [...generateBatches({ seed: 1, activities: 5_000, broken: 0.2, batchSize: 3_000 })];
    batches.push({ body: '["a\u2028b\u2029c\\n"]', elements: [{ text: '"a\u2028b\u2029c\\n"', broken: 'not-an-object' }] });
    const writer = await LedgerWriter.open(path, { source: 'main' });
    for (const [index, batch] of batches.entries()) await writer.write(batch, index !== 1);
    await writer.close();

    const entries = await readAll(path);
    expect(entries).to.have.lengthOf(batches.length);
    for (const [index, { elements, broken, source, acknowledged }] of entries.entries()) {
      expect(elements.map((text, position) => ({ text, broken: broken[position] ?? null }))).to.deep.equal(
        batches[index]?.elements,
      );
      expect([source, acknowledged]).to.deep.equal(['main', index !== 1]);
    }
  });

  it('does not overwrite the ledger of another run, but goes on with it when told to', async () => {
    const batch = { body: '[1]', elements: [{ text: '1', broken: 'not-an-object' as const }] };
    const first = await LedgerWriter.open(path, { source: 'main' });
    await first.write(batch, true);
    await first.close();
    const error = await failureOf(LedgerWriter.open(path, { source: 'main' }));
    expect(error).to.be.instanceOf(LedgerError).with.property('message').that.includes('exists already');
    const second = await LedgerWriter.open(path, { source: 'other', append: true });
    await second.write(batch, true);
    await second.close();
    expect((await readAll(path)).map(({ source }) => source)).to.deep.equal(['main', 'other']);
  });

  it('names the line that is not what was written', async () => {
    const line = JSON.stringify({ at: '', source: 'main', acknowledged: true, elements: ['1'], broken: { 0: 'not-an-object' } });
    const oddTypes = [line.replace('"at":""', '"at":0'), line.replace('"main"', '7'), line.replace('true', '"true"')];
    for (const bad of ['{', '{}', 'null', line.replace('["1"]', '[1]'), line.replace('not-an-object', 'odd'), ...oddTypes]) {
      await writeFile(path, `${line}\n${bad}\n`);
      expect(await failureOf(readAll(path)), bad)
        .to.be.instanceOf(LedgerError)
        .with.property('message')
        .that.includes('line 2');
    }
    await writeFile(path, `${line}\n`);
    await appendFile(path, line.slice(0, 20));
    expect(await failureOf(readAll(path)))
      .to.be.instanceOf(LedgerError)
      .with.property('message')
      .that.includes('cut off');
    expect(await failureOf(readAll(join(folder, 'none'))))
      .to.be.instanceOf(LedgerError)
      .with.property('message')
      .that.includes('cannot read');
  });
});
