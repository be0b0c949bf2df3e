/** Every aside of a cluster, in the order in which they are finished: what is made again comes after what goes. */
import type { Aside } from './aside.js';
import { Erasure } from './erasure.js';
import { OffFeed } from './off-feed.js';
import { Rebuild } from './rebuild.js';
import { Retention } from './retention.js';

export type AsideName = 'offFeed' | 'erasure' | 'retention' | 'rebuild';
export type Asides = Readonly<Record<AsideName, Aside>>;

export const openAsides = async (): Promise<Asides> => ({
  offFeed: await OffFeed.open(),
  erasure: new Erasure(),
  retention: new Retention(),
  rebuild: new Rebuild(),
});
