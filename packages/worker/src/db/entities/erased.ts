import { EntitySchema } from 'typeorm';
import { safeBigint } from './columns.js';

/** A tombstone: somebody who was erased, by an HMAC of their id or of an address. */
export interface Erased {
  id: number;
  source: string;
  kind: 'contact' | 'address';
  hash: Buffer;
  keyCheck: Buffer;
  erasedAt: Date;
}

export const ErasedEntity = new EntitySchema<Erased>({
  name: 'erased',
  columns: {
    id: { primary: true, ...safeBigint },
    source: { type: 'text' },
    kind: { type: 'text' },
    hash: { type: 'bytea' },
    keyCheck: { name: 'key_check', type: 'bytea' },
    erasedAt: { name: 'erased_at', type: 'timestamptz' },
  },
});
