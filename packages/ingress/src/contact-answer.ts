/** What a workflow is told of a contact. */
export type ContactAnswer =
  | { known: false }
  | {
      known: true;
      contactId: number;
      /** By media type. */
      mayWrite: Record<string, boolean>;
      /** Media types that may be written to, sorted. */
      reachable: string[];
      blacklisted: boolean;
      unsubscribed: boolean;
      /** Category keys; null: never told. */
      subscriptions: string[] | null;
      /** Times are ISO 8601, UTC; null: never. */
      lastOpenedAt: string | null;
      lastClickedAt: string | null;
      lastDeliveredAt: string | null;
    };
