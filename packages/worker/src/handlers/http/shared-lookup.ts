/**
 * Names looked up for many calls: each name once at a time, its answer remembered for a moment, and names that do not answer apart from the others.
 * The operating system's look-up holds one of libuv's four threads for as long as a dead name server is waited for, 10 s and more, and whoever else
 * needs a thread (names, compression, files) waits behind it.
 */
import type { LookupFunction } from 'node:net';

/** ms that an answer is used for; a name's address may change. */
const rememberedMs = 5_000;
/** Names that are remembered. */
const mostRemembered = 1_000;
/** A name that took longer is slow, until it answers quicker. */
const slowMs = 1_000;
/** Look-ups under way at once: of names that are not known to be slow, and of those that are. */
const slots = { usual: 2, slow: 1 } as const;

type Answer = Parameters<Parameters<LookupFunction>[2]>;
type Options = Parameters<LookupFunction>[1];

interface LookUp {
  hostname: string;
  options: Options;
  waiting: ((...answer: Answer) => void)[];
}

/** Gives what `lookup` gives. */
export function sharedLookup(lookup: LookupFunction): LookupFunction {
  const underWay = new Map<string, LookUp>();
  const remembered = new Map<string, { answer: Answer; until: number }>();
  const slow = new Set<string>();
  const queues = { usual: [] as string[], slow: [] as string[] };
  const running = { usual: 0, slow: 0 };

  const begin = (kind: keyof typeof slots): void => {
    while (running[kind] < slots[kind]) {
      const key = queues[kind].shift();
      const next = key === undefined ? undefined : underWay.get(key);
      if (key === undefined || next === undefined) return;
      running[kind]++;
      const began = performance.now();
      lookup(next.hostname, next.options, (...answer: Answer) => {
        running[kind]--;
        underWay.delete(key);
        const now = performance.now();
        remember(slow, next.hostname, now - began > slowMs);
        if (answer[0] === null) {
          if (remembered.size >= mostRemembered) remembered.clear();
          remembered.set(key, { answer, until: now + rememberedMs });
        }
        for (const tell of next.waiting) tell(...answer);
        begin(kind);
      });
    }
  };

  return (hostname, options, callback) => {
    const key = JSON.stringify([hostname, options]);
    const known = remembered.get(key);
    if (known !== undefined && known.until > performance.now()) {
      // Never before this function returns.
      process.nextTick(callback, ...known.answer);
      return;
    }
    const already = underWay.get(key);
    if (already !== undefined) {
      already.waiting.push(callback);
      return;
    }
    underWay.set(key, { hostname, options, waiting: [callback] });
    const kind = slow.has(hostname) ? 'slow' : 'usual';
    queues[kind].push(key);
    begin(kind);
  };
}

function remember(names: Set<string>, name: string, isSlow: boolean): void {
  if (!isSlow) names.delete(name);
  else if (names.size < mostRemembered) names.add(name);
}
