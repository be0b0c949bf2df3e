import type { EntitySchemaColumnOptions } from 'typeorm';

/** A bigint that is a safe integer by validation (`activity/wire-activity.ts`); the driver gives it as text. */
export const safeBigint = {
  type: 'bigint',
  transformer: { to: (value: number | null) => value, from: (value: string | null) => (value === null ? null : Number(value)) },
} satisfies EntitySchemaColumnOptions;

export const nullableTime = (name: string) => ({ name, type: 'timestamptz', nullable: true }) satisfies EntitySchemaColumnOptions;

/** The columns that a contact and a channel share. */
export interface StatusTimes {
  lastSentAt: Date | null;
  lastDeliveredAt: Date | null;
  lastUndeliveredAt: Date | null;
  lastOpenedAt: Date | null;
  lastClickedAt: Date | null;
  blacklistedAt: Date | null;
  blacklistReason: string | null;
  unsubscribedAt: Date | null;
  spamReportedAt: Date | null;
  firstActivityAt: Date;
  lastActivityAt: Date;
  updatedAt: Date;
}

export const statusTimeColumns = {
  lastSentAt: nullableTime('last_sent_at'),
  lastDeliveredAt: nullableTime('last_delivered_at'),
  lastUndeliveredAt: nullableTime('last_undelivered_at'),
  lastOpenedAt: nullableTime('last_opened_at'),
  lastClickedAt: nullableTime('last_clicked_at'),
  blacklistedAt: nullableTime('blacklisted_at'),
  blacklistReason: { name: 'blacklist_reason', type: 'text', nullable: true },
  unsubscribedAt: nullableTime('unsubscribed_at'),
  spamReportedAt: nullableTime('spam_reported_at'),
  firstActivityAt: { name: 'first_activity_at', type: 'timestamptz' },
  lastActivityAt: { name: 'last_activity_at', type: 'timestamptz' },
  updatedAt: { name: 'updated_at', type: 'timestamptz' },
} satisfies Record<keyof StatusTimes, EntitySchemaColumnOptions>;
