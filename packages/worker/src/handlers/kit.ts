/**
 * All that a handler outside of this repository needs, as `@vidhuk/worker/handler`. That name resolves only where npm finds the package; what works
 * in every folder is a default export that takes these as its argument: `export default (vidhuk) => vidhuk.defineHandler({ … })`.
 */
import { Type } from '@sinclair/typebox';
import { PermanentError, RetryLater, UnavailableError } from '@vidhuk/shared';
import { defineHandler } from './handler.js';
import { checkAnswer } from './http/answer.js';

export { checkAnswer, defineHandler, PermanentError, RetryLater, Type, UnavailableError };
export type {
  ContactSnapshot,
  Database,
  Handler,
  HandlerActivity,
  HandlerContext,
  HandlerRequest,
  HandlerSubject,
  RunContext,
} from './handler.js';
export type { HttpClient, HttpRequest, HttpResponse } from './http-client.js';

/** What the default export of a file with handlers is called with. */
export const vidhuk = { checkAnswer, defineHandler, PermanentError, RetryLater, Type, UnavailableError } as const;
export type Vidhuk = typeof vidhuk;
