/** Pseudo-random numbers from a seed, so that every simulated run can be repeated byte for byte. */

/** Spreads the bits of a 32-bit number; a bijection, so different numbers stay different (the finaliser of MurmurHash3). */
export function mix32(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** A 32-bit hash of a text (FNV-1a, then mixed): the seed of a whole simulated world. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix32(hash);
}

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const HEX_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hexOfByte(byte: number): string {
  return HEX_OF_BYTE[byte & 0xff] ?? '00';
}

/** Eight hexadecimal digits of a 32-bit number. */
export function hex32(word: number): string {
  return hexOfByte(word >>> 24) + hexOfByte(word >>> 16) + hexOfByte(word >>> 8) + hexOfByte(word);
}

/** The small fast counter generator sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, passes BigCrush. Not for secrets. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `seed` names the world, `stream` an independent sequence within it; both are taken as 32-bit numbers. */
  constructor(seed: number, stream = 0) {
    this.#a = mix32(seed);
    this.#b = mix32(stream + 0x9e3779b9);
    this.#c = mix32(seed ^ Math.imul(stream, 0x85ebca6b));
    for (let round = 0; round < 12; round++) this.uint32();
  }

  /** An integer from 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** A number from 0 up to but excluding 1. */
  fraction(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** An integer from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1));
  }

  /** True with the given probability (0 never, 1 always). */
  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One element of a list that is not empty. */
  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.integer(0, list.length - 1)] ?? list[0];
  }

  /** Whole seconds, at least 1, exponentially distributed around `meanSeconds`: how long people take to open a letter. */
  delay(meanSeconds: number): number {
    return 1 + Math.floor(-Math.log(1 - this.fraction()) * meanSeconds);
  }

  /** Letters and digits, as in the platform's short links. */
  alphanumeric(length: number): string {
    let text = '';
    for (let i = 0; i < length; i++) text += ALPHANUMERIC.charAt(this.integer(0, ALPHANUMERIC.length - 1));
    return text;
  }

  /** Hexadecimal digits; `words` groups of eight. */
  hex(words: number): string {
    let text = '';
    for (let i = 0; i < words; i++) text += hex32(this.uint32());
    return text;
  }
}
