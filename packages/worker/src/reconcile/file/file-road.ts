/** A file as a road: what the API or the export gave, saved, or what a script has made. */
import { messageOf, PermanentError } from '@vidhuk/shared';
import { toWebhookElement } from '../road-element.js';
import { isPullable, type Period, type Road, type RoadElement, type Told } from '../road.js';
import { clockOfText } from '../wall-clock.js';
import type { FileRow } from './file-row.js';
import type { OpenedFile } from './open-file.js';

/** Rows that are handed on together. */
const pieceSize = 1_000;
/** Faults that are kept for people; all are counted. */
const mostFaults = 20;

export interface FileFault {
  line: number;
  fault: string;
}

export class FileRoad implements Road {
  readonly name = 'file';
  readonly faults: FileFault[] = [];
  /** Rows that cannot be read at all. */
  faulty = 0;
  rows = 0;

  constructor(private readonly file: Pick<OpenedFile, 'rows'>) {}

  tells(status: string): boolean {
    return isPullable(status);
  }

  async *tell(period: Period | null): AsyncGenerator<Told> {
    let piece: RoadElement[] = [];
    for await (const read of this.#read()) {
      const element = this.#elementOf(read);
      if (element === null || !isWithin(element, period)) continue;
      piece.push(element);
      if (piece.length < pieceSize) continue;
      yield { kind: 'rows', rows: piece };
      piece = [];
      if (period === null) yield { kind: 'so-far' };
    }
    yield { kind: 'rows', rows: piece };
    if (period !== null) yield { kind: 'read', ...period };
  }

  /** A file that breaks off stays broken. */
  async *#read(): AsyncGenerator<FileRow> {
    try {
      yield* this.file.rows;
    } catch (error) {
      throw new PermanentError(
        `the file cannot be read behind its row ${this.rows} (${messageOf(error)}): what stands before it may be in the log`,
        {
          cause: error,
        },
      );
    }
  }

  #elementOf(read: FileRow): RoadElement | null {
    this.rows++;
    if ('row' in read) return toWebhookElement(read.row);
    this.faulty++;
    if (this.faults.length < mostFaults) this.faults.push(read);
    return null;
  }
}

/** What has no time that can be read is quarantined rather than left out. */
function isWithin({ activityDateTime }: RoadElement, period: Period | null): boolean {
  if (period === null || typeof activityDateTime !== 'string') return true;
  const clock = clockOfText(activityDateTime);
  return Number.isNaN(clock) || (clock >= period.from && clock < period.to);
}
