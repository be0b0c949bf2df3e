/** From identifiers that carry a time to the time zone that a clock without one seems to have. Pure. */

/** Zones that are named first where several would fit. */
const usual = ['UTC', 'Europe/Kyiv', 'Europe/Warsaw', 'Europe/London'];
/** So many are named. */
export const countZones = 2;

/** UUID version 1 counts 100 ns since 1582-10-15 (RFC 9562, 5.1). */
const gregorianMs = Date.UTC(1582, 9, 15);
const quarterMs = 15 * 60_000;

/** ms since 1970; `uuid` of version 1. */
export function timeOfUuid(uuid: string): number {
  const [low = '', mid = '', high = ''] = uuid.split('-');
  const ticks = BigInt(`0x${high.slice(1)}${mid}${low}`);
  return gregorianMs + Number(ticks / 10_000n);
}

export interface LikelyZone {
  /** How far the times are ahead of the identifiers, in steps of a quarter of an hour. */
  minutesOff: number;
  /** Zones of which the same clock would be right, the usual ones first. */
  zones: string[];
}

/**
 * `ms`: the time in UTC as `timeZone` has it. In the vendor's sample activities follow their identifier by 1 to 3 s; some come much later, so the
 * smallest tenth decides. undefined: fewer than `enough`, or times that no time zone explains.
 */
export function likelyZone(
  rows: readonly { ms: number; iid: string }[],
  timeZone: string,
  enough: number,
): LikelyZone | undefined {
  if (rows.length < enough) return undefined;
  const offs = rows.map(({ ms, iid }) => ({ ms, off: ms - timeOfUuid(iid) })).sort((a, b) => a.off - b.off);
  const typical = offs[Math.floor(offs.length / 10)];
  if (typical === undefined) return undefined;
  const off = Math.round(typical.off / quarterMs) * quarterMs;
  if (Math.abs(typical.off - off) > quarterMs / 3 || Math.abs(off) > 14 * 3_600_000) return undefined;
  const near = offs.filter((row) => Math.abs(row.off - off) <= quarterMs / 3).sort((a, b) => a.ms - b.ms);
  // The first, the middle and the last tell summer from winter.
  const told = [near[0], near[Math.floor(near.length / 2)], near.at(-1)].filter((row) => row !== undefined);
  const wanted = told.map(({ ms, off: own }) => ({ at: ms - own, offset: offsetOf(timeZone, ms) + off }));
  const fits = (zone: string) => wanted.every(({ at, offset }) => offsetOf(zone, at) === offset);
  const zones = [...usual, ...Intl.supportedValuesOf('timeZone')].filter(
    (zone, index, all) => all.indexOf(zone) === index && fits(zone),
  );
  return { minutesOff: off / 60_000, zones: zones.length > 0 ? zones : [fixedZone(wanted[0]?.offset ?? 0)] };
}

/** As people write it: UTC+05:30. */
function fixedZone(offset: number): string {
  const minutes = Math.abs(offset) / 60_000;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `UTC${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** ms ahead of UTC at that time. */
function offsetOf(timeZone: string, ms: number): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(ms);
  const [, sign = '+', hours = '0', minutes = '0'] =
    /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(parts.find(({ type }) => type === 'timeZoneName')?.value ?? '') ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
