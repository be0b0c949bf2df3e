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

  it('are its last error or warning, and its last line', async () => {
    await writeFile(logFile, '{"level":50,"msg":"no way out"}\n{"level":30,"msg":"stopped"}\n');
    expect(lastWords(logFile, 0)).to.equal('{"level":50,"msg":"no way out"} … {"level":30,"msg":"stopped"}');
  });

  it('are its last line where it complained of nothing', async () => {
    await writeFile(logFile, '{"level":30,"msg":"began"}\nSegmentation fault\n');
    expect(lastWords(logFile, 0)).to.equal('Segmentation fault');
    await writeFile(logFile, '');
    expect(lastWords(logFile, 0)).to.equal('');
  });

  it('are of its latest life, not of one before', async () => {
    const before = '{"level":40,"msg":"the database is away"}\n';
    await writeFile(logFile, `${before}{"level":30,"msg":"began"}\n`);
    expect(lastWords(logFile, before.length)).to.equal('{"level":30,"msg":"began"}');
    await writeFile(logFile, before);
    expect(lastWords(logFile, before.length)).to.equal('');
  });
});
