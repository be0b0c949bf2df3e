/** The log with what bodies say of names and addresses, and the conditions of a filter on it, as parts of statements. */

/**
 * The log, with `message_name`, `address` (of the channel, as an action sees it), `domain`, `token` (of pushes) and `typed` (an e-mail address or a phone
 * number) of each activity. The view parses a body once for all of its rows; nothing can be read of a body that is no UTF-8.
 */
export const logWithBodies = `(
  select a.*, message_name, address, coalesce(webpush, mobilepush) as token, coalesce(email, sms, viber) as typed,
    lower(substring(coalesce(address, email) from '@([^@]+)$')) as domain
  from vidhuk.activity_raw a
  left join lateral (
    select nullif(btrim("messageName"), '') as message_name, nullif(btrim(email), '') as email, nullif(btrim(sms), '') as sms,
      nullif(btrim(viber), '') as viber, nullif(btrim(webpush), '') as webpush, nullif(btrim(mobilepush), '') as mobilepush
    from json_to_record(a.raw) as said("messageName" text, email text, sms text, viber text, webpush text, mobilepush text)
  ) as said on true
  cross join lateral (
    select case a.media_type when 'email' then email when 'sms' then sms when 'viber' then coalesce(viber, sms) when 'webpush' then webpush
      when 'mobilepush' then mobilepush else coalesce(email, sms, viber, mobilepush, webpush) end as address
  ) as channel
)`;

/** The same where nobody asks for what bodies say: none is read. */
export const logAlone = `(select *, null as message_name, null as domain from vidhuk.activity)`;

/** By the values of `valuesOf`, $1 to $10. PostgreSQL knows them when it plans: what is null is left out. */
export const askedFor = `occurred_at >= $1 and ($2::timestamptz is null or occurred_at < $2)
  and ($3::text is null or source = $3)
  and ($4::text[] is null or status = any($4))
  and ($5::text[] is null or coalesce(media_type, 'unknown') = any($5))
  and ($6::bigint is null or message_id = $6)
  and ($7::text is null or lower(message_name) = lower($7))
  and ($8::bigint is null or workflow_id = $8)
  and ($9::text is null or workflow_instance_id = $9)
  and ($10::text is null or domain = $10)`;
