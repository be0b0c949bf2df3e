/** The services' logs on the screen: JSON lines as they are, or readable on a terminal. */
import { prettyFactory } from 'pino-pretty';
import { print } from '../output/print.js';

const warning = 40;
const fatal = 60;
const keptLines = 15;

export interface LogView {
  /** Closed at first: while services start, their lines are only kept for the case that one does not. */
  open: () => void;
  show: (line: string) => void;
  /** What the service said last, fit for the screen. */
  lastLines: () => string;
  /** What the service said last of its configuration; empty where it said nothing. */
  problems: () => readonly string[];
}

/** `everything`: show what is less than a warning, too. */
export function openLogView(everything: boolean): LogView {
  const lines: string[] = [];
  let isOpen = false;
  const { isTTY } = process.stdout;
  const pretty = prettyFactory({ colorize: isTTY && process.stdout.hasColors(), translateTime: 'HH:MM:ss', singleLine: true });
  const readable = (line: string): string => (isTTY ? pretty(line).trimEnd() : line);
  return {
    open: () => void (isOpen = true),
    show: (line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
      if (isOpen && (everything || isWarning(line)) && !isRefusal(line)) print(readable(line));
    },
    lastLines: () => lines.map(readable).join('\n'),
    problems: () => lines.map(problemsIn).findLast((problems) => problems.length > 0) ?? [],
  };
}

/** What is not a log line, such as a crash's stack, is a warning or worse, too. */
function isWarning(line: string): boolean {
  const entry = entryOf(line);
  if (entry === undefined) return line.trim() !== '';
  return typeof entry.level !== 'number' || entry.level >= warning;
}

/** A service that ends so is given up, and its problems are told then. */
const isRefusal = (line: string): boolean => entryOf(line)?.level === fatal && problemsIn(line).length > 0;

function problemsIn(line: string): string[] {
  const problems = entryOf(line)?.problems;
  return Array.isArray(problems) ? problems.map(String) : [];
}

function entryOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : {};
  } catch {
    return undefined;
  }
}
