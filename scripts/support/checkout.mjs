/** Where the parts of this checkout are. */
import { fileURLToPath } from 'node:url';

/** The repository's folder, with a separator at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** @param {string} path relative to the repository's folder */
export const inCheckout = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
