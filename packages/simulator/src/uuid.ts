/** UUIDs made from seeded random numbers: version 4 for bulk sends, version 1 for triggered ones, as in the vendor's samples. */
import { hex32, type Random } from './random.js';

/** Milliseconds from the beginning of the Gregorian calendar, where UUIDs of version 1 count from, to 1970 (RFC 9562, 6.1). */
const GREGORIAN_OFFSET_MS = 12_219_292_800_000;

function hex16(word: number): string {
  return hex32(word).slice(4);
}

/** A random UUID (version 4). */
export function uuidV4(random: Random): string {
  const [a, b, c, d] = [random.uint32(), random.uint32(), random.uint32(), random.uint32()];
  const version = (b & 0xffff0fff) | 0x4000;
  const variant = (c & 0x3fffffff) | 0x80000000;
  return `${hex32(a)}-${hex16(version >>> 16)}-${hex16(version)}-${hex16(variant >>> 16)}-${hex16(variant)}${hex32(d)}`;
}

/** A UUID of version 1 that carries `epochSeconds`; clock sequence and node are random. */
export function uuidV1(random: Random, epochSeconds: number): string {
  // Steps of 100 ns need 60 bits.
  const steps = BigInt(epochSeconds * 1000 + GREGORIAN_OFFSET_MS) * 10_000n + BigInt(random.integer(0, 9_999_999));
  const low = Number(steps & 0xffff_ffffn);
  const high = Number(steps >> 32n);
  const versionAndHigh = ((high >>> 16) & 0x0fff) | 0x1000;
  const sequenceAndNode = (random.uint32() & 0x3fffffff) | 0x80000000;
  return `${hex32(low)}-${hex16(high)}-${hex16(versionAndHigh)}-${hex16(sequenceAndNode >>> 16)}-${hex16(sequenceAndNode)}${random.hex(1)}`;
}
