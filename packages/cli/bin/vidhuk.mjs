#!/usr/bin/env node
/** The command `vidhuk`: a file that is there before the first build, so that installing can link it. */
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  await import(main.href);
} else {
  console.error('vidhuk is not built yet: run "npm start" first.');
  process.exitCode = 2;
}
