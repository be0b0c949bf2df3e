import { expect } from 'chai';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTemporaryDirectory } from '../support/services/temporary-directory.js';
import { lastWords } from './supervised.js';

describe('the last words of a process that ended by itself', () => {
  let logFile = '';
  beforeEach(async () => {
    logFile = join(await makeTemporaryDirectory(), 'log');
  });
  afterEach(() => rm(logFile));

  it('are its last error or warning, of whatever it logged behind it', async () => {
    await writeFile(logFile, '{"level":50,"msg":"no way out"}\n{"level":30,"msg":"stopped"}\n');
    expect(lastWords(logFile)).to.equal('{"level":50,"msg":"no way out"}');
  });

  it('are its last line where it complained of nothing', async () => {
    await writeFile(logFile, '{"level":30,"msg":"began"}\nSegmentation fault\n');
    expect(lastWords(logFile)).to.equal('Segmentation fault');
    await writeFile(logFile, '');
    expect(lastWords(logFile)).to.equal('');
  });
});
