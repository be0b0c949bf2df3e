/** Text for people: colours and moving lines on a terminal only. */
import process from 'node:process';

const { NO_COLOR = '', FORCE_COLOR = '', TERM } = process.env;

/** Whether lines may be rewritten in place. */
export const isTerminal = process.stdout.isTTY && TERM !== 'dumb';
export const isColoured = NO_COLOR === '' && (isTerminal || !['', '0'].includes(FORCE_COLOR));

/** @param {number} on @param {number} off */
const style = (on, off) => (/** @type {string} */ text) => (isColoured ? `\x1b[${on}m${text}\x1b[${off}m` : text);

export const bold = style(1, 22);
export const dim = style(2, 22);
export const red = style(31, 39);
export const green = style(32, 39);
export const yellow = style(33, 39);
export const cyan = style(36, 39);

/** @param {string} line */
export const print = (line) => void process.stdout.write(`${line}\n`);

// A terminal that was closed, or a pipe whose reader ended, must not keep the program from cleaning up.
process.stdout.on('error', () => undefined);
