/** A contact, as the driver gives it. */
export interface ContactKey {
  source: string;
  /** bigint, as text. */
  contact_id: string;
}
