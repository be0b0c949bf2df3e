/** One step of work: shown while it runs; how it ended is given back as a line, to be shown when it is known how the whole goes on. */
const titleWidth = 16;
const reportEveryMs = 10_000;

/**
 * @param {string} title
 * @param {(say: (detail: string) => void) => Promise<void>} work what it says last is shown
 * @returns {Promise<string>}
 */
export async function step(title, work) {
  const { stdout } = process;
  const width = stdout.isTTY ? stdout.columns : 0; // unknown: no line is rewritten
  const started = performance.now();
  let detail = '';
  const line = () => `${title.padEnd(titleWidth)} ${((performance.now() - started) / 1000).toFixed(1)} s  ${detail}`.trimEnd();
  const show = () => stdout.write(width > 0 ? `\r\x1b[2K… ${line().slice(0, width - 3)}` : `… ${line()}\n`);
  const timer = setInterval(show, width > 0 ? 100 : reportEveryMs);
  try {
    await work((text) => (detail = text));
  } finally {
    clearInterval(timer);
    if (width > 0) stdout.write('\r\x1b[2K');
  }
  return `✔ ${line()}`;
}
