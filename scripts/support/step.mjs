/** One step of work, shown as one line: while it runs, and how it ended after how long. */
import { dim, green, isTerminal, print, red } from './terminal.mjs';

const frames = [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'];
const titleWidth = 16;

/**
 * Gives what `work` gives and fails as it fails; what it says last stays on the line.
 * @type {<T>(title: string, work: (say: (detail: string) => void) => Promise<T>) => Promise<T>}
 */
export const step = async (title, work) => {
  const started = performance.now();
  let detail = '';
  const line = (/** @type {string} */ mark) => {
    const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
    return { mark, text: `${title.padEnd(titleWidth)} ${seconds.padStart(7)}  `, detail };
  };
  const show = isTerminal ? spin(line) : sayNowAndThen(line);
  try {
    const result = await work((text) => (detail = text));
    show.end(green('✔'));
    return result;
  } catch (error) {
    show.end(red('✖'));
    throw error;
  }
};

/** @typedef {(mark: string) => { mark: string, text: string, detail: string }} Line */

/** @param {Line} line */
function spin(line) {
  let frame = 0;
  const draw = () => {
    const { text, detail } = line('');
    const room = Math.max((process.stdout.columns || 80) - text.length - 3, 0);
    process.stdout.write(`\r\x1b[2K${frames[frame++ % frames.length]} ${text}${dim(detail.slice(0, room))}`);
  };
  const timer = setInterval(draw, 100);
  draw();
  return {
    /** @param {string} mark */
    end(mark) {
      clearInterval(timer);
      process.stdout.write('\r\x1b[2K');
      print(format(line(mark)));
    },
  };
}

/** @param {Line} line */
function sayNowAndThen(line) {
  const timer = setInterval(() => print(format(line('…'))), 10_000);
  return {
    /** @param {string} mark */
    end(mark) {
      clearInterval(timer);
      print(format(line(mark)));
    },
  };
}

/** @param {ReturnType<Line>} parts */
const format = ({ mark, text, detail }) => `${mark} ${text.trimEnd()}${detail === '' ? '' : `  ${dim(detail)}`}`;
