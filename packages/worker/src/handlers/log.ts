import { Type } from '@sinclair/typebox';
import { defineHandler } from './handler.js';

/** For trying things out: one log line per activity, nothing else. */
export const log = defineHandler({
  name: 'log',
  description: 'writes a log line; for trying things out',
  group: true,
  params: Type.Object({ message: Type.Optional(Type.String()) }, { additionalProperties: false }),
  run(activities, params, ctx) {
    for (const { status, mediaType, contactId, occurredAt } of activities) {
      ctx.log.info({ status, mediaType, contactId, occurredAt }, params.message ?? 'follow-up');
    }
    return Promise.resolve();
  },
});
