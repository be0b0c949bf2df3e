import { EntitySchema } from 'typeorm';
import { nullableTime, safeBigint, statusTimeColumns, type StatusTimes } from './columns.js';

export interface ContactChannelStatus extends StatusTimes {
  source: string;
  contactId: number;
  mediaType: string;
  address: string | null;
  blacklisted: boolean;
  unsubscribed: boolean;
  mayWrite: boolean;
  addressAt: Date | null;
  formerAddresses: string[] | null;
}

export const ContactChannelStatusEntity = new EntitySchema<ContactChannelStatus>({
  name: 'contact_channel_status',
  columns: {
    source: { type: 'text', primary: true },
    contactId: { name: 'contact_id', primary: true, ...safeBigint },
    mediaType: { name: 'media_type', type: 'text', primary: true },
    address: { type: 'text', nullable: true },
    blacklisted: { type: 'boolean', insert: false, update: false },
    unsubscribed: { type: 'boolean' },
    mayWrite: { name: 'may_write', type: 'boolean', insert: false, update: false },
    ...statusTimeColumns,
    addressAt: nullableTime('address_at'),
    formerAddresses: { name: 'former_addresses', type: 'text', array: true, nullable: true },
  },
});
