/** Requests of people who were erased: that they came is kept, and nothing of whom. What tells who was erased is stated here as an interface. */
import { foldAddress, names, type People } from '../activity/people.js';
import type { ClientBase } from 'pg';
import type { WorkflowRequest } from './workflow-request.js';

export interface ErasedPeople {
  /** As of now, and until the end of the transaction. */
  upToDate(client: ClientBase): Promise<{ peopleOf(source: string): People }>;
}

export const nobodyErased: ErasedPeople = {
  upToDate: () => Promise.resolve({ peopleOf: () => ({ hasContact: () => false, hasAddress: () => false }) }),
};

type Told = Pick<WorkflowRequest, 'contactId' | 'email' | 'phone' | 'externalCustomerId' | 'query' | 'content' | 'body'>;

/** By the contact or the address that it names; where it names no contact, by whatever its query and body say. */
export function isAboutRequest(people: People, request: Told): boolean {
  const { contactId, email, phone, externalCustomerId } = request;
  if (contactId !== null && people.hasContact(contactId)) return true;
  const isTheirs = (text: string | null) => {
    const address = text === null ? null : foldAddress(text);
    return address !== null && people.hasAddress(address);
  };
  if ([email, phone, externalCustomerId].some(isTheirs)) return true;
  return contactId === null && (names(people, JSON.stringify(request.query)) || names(people, textOf(request)));
}

/** As JSON: of a body that is none, or too large to be read, its words. */
function textOf({ content, body }: Told): string {
  if (content !== null && typeof content !== 'string') return JSON.stringify(content);
  return JSON.stringify((content ?? body.toString('utf8')).split(/[\s"'<>&=,;()]+/));
}

/** The request without anything that says whose it was; its key stays, so that a repetition is known. */
export const anonymiseRequest = ({ id, key, source, hook, receivedAt, method }: WorkflowRequest): WorkflowRequest => ({
  ...{ id, key, source, hook, receivedAt, method, erased: true },
  query: {},
  contentType: null,
  body: Buffer.alloc(0),
  content: null,
  contactId: null,
  externalCustomerId: null,
  email: null,
  phone: null,
  workflowInstanceId: null,
});
