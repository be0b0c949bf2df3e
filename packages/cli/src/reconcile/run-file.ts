/** A file through the same comparison as the other roads. */
import { FileRoad, fileFormats, formatOf, openFile, reconcile, type FileFormat } from '@vidhuk/worker/reconcile';
import type { CliEnvironment } from '../environment.js';
import type { AnswerOptions } from '../output/answer.js';
import { readSettings } from '../settings.js';
import { answerRun } from './answer-run.js';
import { showSteps } from './step-progress.js';
import { withRunParts } from './with-run-parts.js';

export interface FileRun extends AnswerOptions {
  source: string;
  file: string;
  format?: FileFormat;
  period: { from: Date; to: Date } | null;
  dryRun: boolean;
}

/** Throws for a name that does not tell. */
export function formatOfFile(file: string, format?: FileFormat): FileFormat {
  const found = format ?? formatOf(file);
  if (found === null) throw new Error(`${file}: its name does not tell what it is: say --format ${fileFormats.join(', ')}`);
  return found;
}

export async function runFile(environment: CliEnvironment, options: FileRun): Promise<void> {
  const { source, file, period, dryRun } = options;
  readSettings(environment); // a missing database is told before a large file is opened
  const opened = await openFile(file, formatOfFile(file, options.format));
  const road = new FileRoad(opened);
  const result = await withRunParts(environment, source, async (parts) => {
    const progress = showSteps(process.stderr, opened.size);
    const onStep = ({ theirs }: { theirs: number }) => progress.on(opened.bytesRead(), theirs);
    try {
      return await reconcile({ ...parts, road, period, dryRun, scheduled: false }, { ...parts, onStep });
    } finally {
      progress.stop();
    }
  });
  answerRun(options, result, { file, rows: road.rows, faulty: road.faulty, faults: road.faults });
}
