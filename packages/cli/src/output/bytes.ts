/** Sizes for people. */

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `8 KiB`, `1.3 GiB`. */
export function bytesCell(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  const value = bytes / 2 ** (10 * power);
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power] ?? ''}`;
}
