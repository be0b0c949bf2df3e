/** The services' logs on the screen: JSON lines as they are, or readable on a terminal. */
import { prettyFactory } from 'pino-pretty';
import { isColoured, isTerminal, print } from '../terminal.mjs';

const warning = 40;
const keptLines = 15;
const pretty = prettyFactory({ colorize: isColoured, translateTime: 'HH:MM:ss', singleLine: true });

/**
 * Closed at first: while services start, their lines are only kept for the case that one does not.
 * @param {boolean} everything show what is less than a warning, too
 */
export function openLogView(everything) {
  /** @type {string[]} */
  const lines = [];
  let isOpen = false;
  return {
    open: () => void (isOpen = true),
    lastLines: () => lines,
    show: (/** @type {string} */ line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      if (isOpen && (everything || isWarning(line))) print(readable(line));
    },
  };
}

/**
 * @param {string} line
 * @returns {string}
 */
export const readable = (line) => (isTerminal ? pretty(line).trimEnd() : line);

/**
 * @param {string} line
 * @returns {boolean} whether it is a warning or worse; what is not a log line, such as a crash's stack, is
 */
function isWarning(line) {
  try {
    /** @type {unknown} */
    const entry = JSON.parse(line);
    const level = entry !== null && typeof entry === 'object' && 'level' in entry ? entry.level : warning;
    return typeof level !== 'number' || level >= warning;
  } catch {
    return line.trim() !== '';
  }
}
