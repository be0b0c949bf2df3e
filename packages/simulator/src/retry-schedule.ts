/** The vendor's schedule: "1 minute, 2 minutes, 4 minutes, 8 minutes and so on up to one request an hour" (their page on webhooks). */

const MINUTE_MS = 60_000;
const LONGEST_MINUTES = 60;

/** How long the vendor waits after the given number of failures in a row (1 or more), in milliseconds: 1, 2, 4 … 32, 60, 60 … minutes. */
export function retryDelayMs(failures: number): number {
  return Math.min(LONGEST_MINUTES, 2 ** (failures - 1)) * MINUTE_MS;
}
