import { Type } from '@sinclair/typebox';
import { defineHandler, isRequest } from './handler.js';

/** For trying things out: one log line per activity or request, nothing else. */
export const log = defineHandler({
  name: 'log',
  description: 'writes a log line; for trying things out',
  group: true,
  params: Type.Object({ message: Type.Optional(Type.String()) }, { additionalProperties: false }),
  run(activities, params, ctx) {
    for (const each of activities) {
      const { contactId, occurredAt } = each;
      const about = isRequest(each) ? { hook: each.hook } : { status: each.status, mediaType: each.mediaType };
      ctx.log.info({ ...about, contactId, occurredAt }, params.message ?? 'follow-up');
    }
    return Promise.resolve();
  },
});
