/** What activities that are no longer in the log have left in the statuses. */
import { EntitySchema } from 'typeorm';
import { nullableTime, safeBigint, statusTimeColumns, type StatusTimes } from './columns.js';

type Nullable<Row> = { [Column in keyof Row]: Row[Column] | null };
type FloorTimes = Nullable<Omit<StatusTimes, 'updatedAt' | 'blacklistedAt' | 'blacklistReason' | 'unsubscribedAt'>>;

export interface ContactFloor extends FloorTimes {
  source: string;
  contactId: number;
  email: string | null;
  emailAt: Date | null;
  phone: string | null;
  phoneAt: Date | null;
  externalCustomerId: string | null;
  externalCustomerIdAt: Date | null;
  subscriptions: string[] | null;
  subscriptionsAt: Date | null;
  optedOutAt: Date | null;
  resubscribedAt: Date | null;
}

export interface ContactChannelFloor extends FloorTimes {
  source: string;
  contactId: number;
  mediaType: string;
  address: string | null;
  addressAt: Date | null;
  formerAddresses: string[] | null;
  blacklistReason: string | null;
  blacklistedAt: Date | null;
  unsubscribedAt: Date | null;
}

const { blacklistedAt, blacklistReason, unsubscribedAt, updatedAt: _, ...shared } = statusTimeColumns;
const times = {
  ...shared,
  firstActivityAt: nullableTime('first_activity_at'),
  lastActivityAt: nullableTime('last_activity_at'),
};
const text = (name: string) => ({ name, type: 'text', nullable: true }) as const;
const texts = (name: string) => ({ name, type: 'text', array: true, nullable: true }) as const;

export const ContactFloorEntity = new EntitySchema<ContactFloor>({
  name: 'contact_floor',
  columns: {
    source: { type: 'text', primary: true },
    contactId: { ...safeBigint, name: 'contact_id', primary: true },
    email: text('email'),
    emailAt: nullableTime('email_at'),
    phone: text('phone'),
    phoneAt: nullableTime('phone_at'),
    externalCustomerId: text('external_customer_id'),
    externalCustomerIdAt: nullableTime('external_customer_id_at'),
    subscriptions: texts('subscriptions'),
    subscriptionsAt: nullableTime('subscriptions_at'),
    ...times,
    optedOutAt: nullableTime('opted_out_at'),
    resubscribedAt: nullableTime('resubscribed_at'),
  },
});

export const ContactChannelFloorEntity = new EntitySchema<ContactChannelFloor>({
  name: 'contact_channel_floor',
  columns: {
    source: { type: 'text', primary: true },
    contactId: { ...safeBigint, name: 'contact_id', primary: true },
    mediaType: { name: 'media_type', type: 'text', primary: true },
    address: text('address'),
    addressAt: nullableTime('address_at'),
    formerAddresses: texts('former_addresses'),
    ...times,
    blacklistReason,
    blacklistedAt,
    unsubscribedAt,
  },
});
