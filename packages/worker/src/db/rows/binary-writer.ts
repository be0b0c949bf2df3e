/** Bytes in PostgreSQL's binary format: big-endian, what has no fixed length with its length before it. */

const bytesPerCodeUnit = 3; // at most, in UTF-8
/** Characters of a text that is written one by one. */
const shortText = 64;

export class BinaryWriter {
  #buffer: Buffer;
  #view: DataView;
  #length = 0;

  /** `bytes`: as many as will be written, if that is known; it grows where they are more. */
  constructor(bytes: number) {
    this.#buffer = Buffer.allocUnsafeSlow(bytes);
    this.#view = viewOf(this.#buffer);
  }

  byte(value: number): this {
    const at = this.#advance(1);
    this.#view.setUint8(at, value);
    return this;
  }

  int32(value: number): this {
    const at = this.#advance(4);
    this.#view.setInt32(at, value);
    return this;
  }

  /** `value` × `factor`, exact however large: both are safe integers, and `factor` has at most 16 bits. */
  int64(value: number, factor = 1): this {
    if (!Number.isSafeInteger(value)) throw new RangeError(`not a safe integer: ${value}`);
    const upper = Math.floor(value / 2 ** 16) * factor;
    const high = Math.floor(upper / 2 ** 16);
    const low = (upper - high * 2 ** 16) * 2 ** 16 + (value - Math.floor(value / 2 ** 16) * 2 ** 16) * factor;
    const carry = Math.floor(low / 2 ** 32);
    const at = this.#advance(8);
    this.#view.setInt32(at, high + carry);
    this.#view.setUint32(at + 4, low - carry * 2 ** 32);
    return this;
  }

  /** Of 32 hexadecimal digits and 4 hyphens. */
  uuid(text: string): this {
    if (text.length !== 36) throw new RangeError(`not a UUID: ${text}`);
    let at = this.#advance(16);
    for (let index = 0; index < text.length; index += 2) {
      if (text.charCodeAt(index) === hyphen) index++;
      this.#view.setUint8(at++, (digit(text.charCodeAt(index)) << 4) | digit(text.charCodeAt(index + 1)));
    }
    return this;
  }

  /** With its length. */
  text(value: string): this {
    this.#reserve(4 + value.length * bytesPerCodeUnit);
    const written = this.#writeShort(value, this.#length + 4) ?? this.#buffer.write(value, this.#length + 4);
    this.#view.setInt32(this.#length, written);
    this.#length += 4 + written;
    return this;
  }

  /** What is short and all ASCII, as nearly all texts are: quicker than a call out of JavaScript. Gives its bytes, `undefined` for any other text. */
  #writeShort(value: string, at: number): number | undefined {
    const { length } = value;
    if (length > shortText) return undefined;
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return undefined;
      this.#buffer[at + index] = code;
    }
    return length;
  }

  bytes(value: Buffer): this {
    const at = this.#advance(value.length);
    this.#buffer.set(value, at);
    return this;
  }

  /** Leaves room for the length of what follows; gives what `endLength` wants once that is written. */
  startLength(): number {
    return this.#advance(4);
  }

  endLength(at: number): void {
    this.#view.setInt32(at, this.#length - at - 4);
  }

  /** All that was written. */
  taken(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #advance(bytes: number): number {
    this.#reserve(bytes);
    const at = this.#length;
    this.#length += bytes;
    return at;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#length + bytes));
    larger.set(this.taken());
    this.#buffer = larger;
    this.#view = viewOf(larger);
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer): DataView => new DataView(buffer, byteOffset, byteLength);

const hyphen = 0x2d;
/** Of a hexadecimal digit's character, whatever its case. */
const digit = (code: number): number => (code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57);
