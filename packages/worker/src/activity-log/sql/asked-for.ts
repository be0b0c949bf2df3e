/** The log with what bodies say of names and addresses, and the conditions of a filter on it, as parts of statements. */

/** What a body says of an activity `a` whose element is `raw`; nothing can be read of a body that is no UTF-8. */
const said = (raw: string): string => `left join lateral (
    select nullif(btrim("messageName"), '') as message_name, nullif(btrim(email), '') as email, nullif(btrim(sms), '') as sms,
      nullif(btrim(viber), '') as viber, nullif(btrim(webpush), '') as webpush, nullif(btrim(mobilepush), '') as mobilepush
    from json_to_record(${raw}) as said("messageName" text, email text, sms text, viber text, webpush text, mobilepush text)
  ) as said on true
  cross join lateral (
    select case a.media_type when 'email' then email when 'sms' then sms when 'viber' then coalesce(viber, sms) when 'webpush' then webpush
      when 'mobilepush' then mobilepush else coalesce(email, sms, viber, mobilepush, webpush) end as address
  ) as channel`;
const columns = `a.*, message_name, address, coalesce(webpush, mobilepush) as token, coalesce(email, sms, viber) as typed,
    lower(substring(coalesce(address, email) from '@([^@]+)$')) as domain`;

/** By the values of `valuesOf`, $1 to $10. PostgreSQL knows them when it plans: what is null is left out. */
const askedOfLog = `occurred_at >= $1 and ($2::timestamptz is null or occurred_at < $2)
  and ($3::text is null or source = $3)
  and ($4::text[] is null or status = any($4))
  and ($5::text[] is null or coalesce(media_type, 'unknown') = any($5))
  and ($6::bigint is null or message_id = $6)
  and ($8::bigint is null or workflow_id = $8)
  and ($9::text is null or workflow_instance_id = $9)`;
export const askedFor = `${askedOfLog}
  and ($7::text is null or lower(message_name) = lower($7))
  and ($10::text is null or domain = $10)`;

/**
 * The log, with `message_name`, `address` (of the channel, as an action sees it), `domain`, `token` (of pushes) and `typed` (an e-mail address or a phone
 * number) of each activity. For lists: in the order of the log, so that bodies are read only of what is shown.
 */
export const logWithBodies = `(select ${columns} from vidhuk.activity_raw a ${said('a.raw')})`;

/**
 * The same of what is asked for, batch by batch, for counts: a body is parsed once for all of its activities by the shape of the statement. The view leaves
 * that to the planner, who knows nothing before the parents of the partitions are analyzed, and parses a body again for each activity.
 */
export const logByBatch = `(
  select ${columns}
  from (
    select activities, (select b.elements from vidhuk.batch_elements b where b.batch_id = brought.batch_id) as elements
    from (select batch_id, array_agg(a) as activities from vidhuk.activity a where ${askedOfLog} group by batch_id) as brought
    offset 0
  ) as batch
  cross join lateral unnest(batch.activities) as a
  ${said('batch.elements[a.position + 1]')}
)`;

/** The same where nobody asks for what bodies say: none is read. */
export const logAlone = `(select *, null as message_name, null as domain from vidhuk.activity)`;
