import { Type } from '@sinclair/typebox';
import { defineHandler, isRequest } from './handler.js';

/** For trying things out: one log line per activity, nothing else. */
export const log = defineHandler({
  name: 'log',
  description: 'writes a log line; for trying things out',
  group: true,
  params: Type.Object({ message: Type.Optional(Type.String()) }, { additionalProperties: false }),
  run(activities, params, ctx) {
    for (const subject of activities) {
      const { contactId, occurredAt } = subject;
      const { hook, status, mediaType } = isRequest(subject)
        ? { ...subject, status: undefined, mediaType: undefined }
        : { ...subject, hook: undefined };
      ctx.log.info({ hook, status, mediaType, contactId, occurredAt }, params.message ?? 'follow-up');
    }
    return Promise.resolve();
  },
});
