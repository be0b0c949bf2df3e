import { EntitySchema } from 'typeorm';
import { nullableTime, safeBigint, statusTimeColumns, type StatusTimes } from './columns.js';

export interface ContactStatus extends StatusTimes {
  source: string;
  contactId: number;
  email: string | null;
  phone: string | null;
  externalCustomerId: string | null;
  blacklisted: boolean;
  unsubscribed: boolean;
  subscriptions: string[] | null;
  /** Media types with `may_write`, sorted. */
  reachable: string[];
  optedOutAt: Date | null;
  resubscribedAt: Date | null;
  emailAt: Date | null;
  phoneAt: Date | null;
  externalCustomerIdAt: Date | null;
  subscriptionsAt: Date | null;
}

export const ContactStatusEntity = new EntitySchema<ContactStatus>({
  name: 'contact_status',
  columns: {
    source: { type: 'text', primary: true },
    contactId: { name: 'contact_id', primary: true, ...safeBigint },
    email: { type: 'text', nullable: true },
    phone: { type: 'text', nullable: true },
    externalCustomerId: { name: 'external_customer_id', type: 'text', nullable: true },
    blacklisted: { type: 'boolean' },
    unsubscribed: { type: 'boolean' },
    subscriptions: { type: 'text', array: true, nullable: true },
    reachable: { type: 'text', array: true },
    optedOutAt: nullableTime('opted_out_at'),
    resubscribedAt: nullableTime('resubscribed_at'),
    ...statusTimeColumns,
    emailAt: nullableTime('email_at'),
    phoneAt: nullableTime('phone_at'),
    externalCustomerIdAt: nullableTime('external_customer_id_at'),
    subscriptionsAt: nullableTime('subscriptions_at'),
  },
});
