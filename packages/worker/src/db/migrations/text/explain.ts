/**
 * The text of `vidhuk.explain`, for the migration 0007. Times are explained by the log and by the rules in `projection_rule`; flags by the times that
 * hold now, as `projection/sql/decide-flags.ts` decides them. `agrees` compares what the log says with what the tables hold.
 */

/** A time in the texts of explanations. */
const utc = (time: string): string => `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
/** As JSON has it, with ms. */
const exact = (time: string): string => `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const list = (texts: string): string => `array_to_string(${texts}, ', ')`;

/** Ends an opt-out by itself, in words. */
const chooseAgain = (after: string): string => `'a SUBSCRIPTION_CHANGED to at least one subscription after ' || ${utc(after)}`;

/** What keeps a channel from being written to; `c` is its row with what `channel` below adds. */
const ends = `concat_ws(', and ',
  case when c.opted_out_by is not null and greatest(c.left_at, c.unsubscribe_holds_at, c.complaint_holds_at) = any(c.endable)
    then ${chooseAgain('(select max(at) from unnest(c.endable) as at)')} end,
  case when c.unsubscribe_holds_at is not null and not c.ends_unsubscribed then 'nothing: optIn.endsUnsubscribed of the source is false, so no choice ends an UNSUBSCRIBED' end,
  case when c.complaint_holds_at is not null and not c.ends_complaint then 'nothing: optIn.endsComplaint of the source is false, so no choice ends a complaint (SPAM)' end)`;

const optOuts = `'an UNSUBSCRIBED or a SPAM in this channel' || case when c.resubscribed_at is null then '' else ' at or after ' || ${utc('c.resubscribed_at')} end
  || ', or a SUBSCRIPTION_CHANGED to no subscription' || case when c.resubscribed_at is null then '' else ' at or after ' || ${utc('c.resubscribed_at')} end`;
const hardBounce = `'an UNDELIVERED with hardBounce' || case when c.last_delivered_at is null then '' else ' at or after ' || ${utc('c.last_delivered_at')} end`;
const delivery = `'a DELIVERED through this channel after ' || ${utc('c.blacklisted_at')}`;

const blacklistedRule = `'blacklisted while blacklisted_at is not before last_delivered_at: nothing is sent past the blacklist, so a later delivery ends it'`;
const unsubscribedRule = `'unsubscribed while an opt-out holds: UNSUBSCRIBED, a complaint (SPAM), or all subscriptions given up. A later choice of a subscription ends it'
  || case when c.ends_unsubscribed then '' else ', but not UNSUBSCRIBED (optIn.endsUnsubscribed)' end
  || case when c.ends_complaint then ', a complaint too (optIn.endsComplaint)' else ', but not a complaint' end`;

const blacklistedTie = `case when c.blacklisted_at = c.last_delivered_at then 'blacklisted and delivered at the same moment: the safe side wins, it stays blacklisted' end`;
const optOutTie = `case when greatest(c.left_at, c.unsubscribe_holds_at, c.complaint_holds_at) = c.resubscribed_at
  then 'opted out and chose a subscription at the same moment: the safe side wins, the opt-out stays' end`;

const columns = 'nth, scope, what, value, stored, by_scope, by_what, rule, tie, changes';

const ofChannels = `
  select 1, c.media_type, 'may_write', (not c.is_blacklisted and c.opted_out_by is null)::text, c.may_write::text,
    case when c.is_blacklisted or c.opted_out_by <> 'opted_out_at' then c.media_type end,
    case when c.is_blacklisted then 'blacklisted_at' else c.opted_out_by end,
    'may be written to while neither blacklisted nor unsubscribed', null,
    case when c.is_blacklisted or c.opted_out_by is not null then concat_ws('; and ', case when c.is_blacklisted then ${delivery} end, nullif(${ends}, ''))
      else ${hardBounce} || ', ' || ${optOuts} end
  from channel c
  union all
  select 2, c.media_type, 'blacklisted', c.is_blacklisted::text, c.blacklisted::text, c.media_type,
    case when c.is_blacklisted then 'blacklisted_at' when c.blacklisted_at is not null then 'last_delivered_at' end,
    ${blacklistedRule}, ${blacklistedTie}, case when c.is_blacklisted then ${delivery} else ${hardBounce} end
  from channel c
  union all
  select 3, c.media_type, 'unsubscribed', (c.opted_out_by is not null)::text, c.unsubscribed::text,
    case when c.opted_out_by <> 'opted_out_at' then c.media_type end,
    case when c.opted_out_by is not null then c.opted_out_by
      when coalesce(c.unsubscribed_at, c.spam_reported_at, c.contact_opted_out_at) is not null then 'resubscribed_at' end,
    ${unsubscribedRule}, ${optOutTie}, case when c.opted_out_by is not null then ${ends} else ${optOuts} end
  from channel c`;

const reachableNow = `coalesce((select array_agg(c.media_type order by c.media_type collate "C") from channel c where not c.is_blacklisted and c.opted_out_by is null), '{}')`;

const ofContact = `
  select 1, null::text, 'blacklisted', (b.media_type is not null)::text, p.blacklisted::text, b.media_type, case when b.media_type is not null then 'blacklisted_at' end,
    'blacklisted while any channel is', null, case when b.media_type is not null then 'every blacklisted channel delivered to later'
      else 'an UNDELIVERED with hardBounce through any channel' end
  from person p left join blocked b on true
  union all
  select 2, null, 'unsubscribed', (o.at is not null)::text, p.unsubscribed::text, o.media_type, o.what,
    'unsubscribed while opted out of any channel, or of all subscriptions', null,
    case when o.at is not null then 'the end of every opt-out: see unsubscribed of each channel' || case when p.left_at is not null then ', and ' || ${chooseAgain('p.left_at')} else '' end
      else 'an UNSUBSCRIBED or a SPAM in any channel, or a SUBSCRIPTION_CHANGED to no subscription' end
  from person p left join opted_out o on true
  union all
  select 3, null, 'reachable', ${list(reachableNow)}, ${list('p.reachable')}, null, null,
    'the channels that may be written to, sorted', null, 'may_write of a channel, or the first activity of a new one'
  from person p
  union all
  select 4, null, 'blacklisted_at', ${exact('b.blacklisted_at')}, ${exact('p.blacklisted_at')}, b.media_type, 'blacklisted_at',
    'blacklisted_at of the channel that is blacklisted now, and was so last', null, null
  from person p left join blocked b on true
  union all
  select 4, null, 'blacklist_reason', b.blacklist_reason, p.blacklist_reason, b.media_type, 'blacklisted_at', 'what was said at blacklisted_at', null, null
  from person p left join blocked b on true
  union all
  select 4, null, 'unsubscribed_at', ${exact('o.at')}, ${exact('p.unsubscribed_at')}, o.media_type, o.what,
    'the latest opt-out that holds now, of any channel or of all subscriptions', null, null
  from person p left join opted_out o on true`;

const sameAs = (other: string): string => `${other}.scope is not distinct from f.scope and ${other}.what = f.what`;

/** What activities below the horizon of the log have left: where it decides, there is no activity to name. */
const decidedByFloors = `, floor as (
    select null::text as scope, to_jsonb(f) as held from vidhuk.contact_floor f where f.source = $1 and f.contact_id = $2
    union all select f.media_type, to_jsonb(f) from vidhuk.contact_channel_floor f where f.source = $1 and f.contact_id = $2
  ), below as (
    select floor.scope, r.what, r.keeps, (floor.held ->> r.at)::timestamptz as at, floor.held
    from floor join (
      select distinct moves as what, moves as at, keeps, of_contact, of_channel from vidhuk.projection_rule
      union all select 'subscriptions', 'subscriptions_at', 'latest', true, false
    ) as r on case when floor.scope is null then r.of_contact else r.of_channel end
    where floor.held ->> r.at is not null
  ), decided as (
    select l.scope, l.what, l.occurred_at, l.status, l.media_type, l.message_id, l.status_description, l.subscriptions, l.activity_key, l.batch_id, l.at_once
    from decided_by_log l
    where not exists (select from below f where ${sameAs('l')} and case f.keeps when 'earliest' then f.at < l.occurred_at else f.at > l.occurred_at end)
    union all
    select f.scope, f.what, f.at, null, null, null, case f.what when 'blacklisted_at' then f.held ->> 'blacklist_reason' end,
      case f.what when 'subscriptions' then array(select jsonb_array_elements_text(f.held -> 'subscriptions')) end, null, null, 1
    from below f
    where not exists (select from decided_by_log l where ${sameAs('l')} and case f.keeps when 'earliest' then l.occurred_at <= f.at else l.occurred_at >= f.at end)
  )`;

/** Beside the rule, where a floor decided. */
const belowHorizon = `e.rule || case when d.occurred_at is null or d.activity_key is not null then ''
    else ' (that was ' || ${utc('d.occurred_at')} || ', of which the log keeps the time only, and no activity)' end`;

/** `$1` is the source, `$2` the contact. */
const body = (floors: boolean): string => `
  with person as (
    select p.*, coalesce(s.opt_in_ends_unsubscribed, true) as ends_unsubscribed, coalesce(s.opt_in_ends_complaint, false) as ends_complaint,
      case when p.opted_out_at >= coalesce(p.resubscribed_at, '-infinity') then p.opted_out_at end as left_at
    from vidhuk.contact_status p left join vidhuk.source s on s.source = p.source
    where p.source = $1 and p.contact_id = $2
  ), held as (
    select c.*, p.resubscribed_at, p.opted_out_at as contact_opted_out_at, p.left_at, p.ends_unsubscribed, p.ends_complaint,
      c.blacklisted_at is not null and c.blacklisted_at >= coalesce(c.last_delivered_at, '-infinity') as is_blacklisted,
      case when not p.ends_unsubscribed or c.unsubscribed_at >= coalesce(p.resubscribed_at, '-infinity') then c.unsubscribed_at end as unsubscribe_holds_at,
      case when not p.ends_complaint or c.spam_reported_at >= coalesce(p.resubscribed_at, '-infinity') then c.spam_reported_at end as complaint_holds_at
    from vidhuk.contact_channel_status c cross join person p
    where c.source = $1 and c.contact_id = $2
  ), channel as (
    select held.*,
      case greatest(left_at, unsubscribe_holds_at, complaint_holds_at)
        when complaint_holds_at then 'spam_reported_at' when unsubscribe_holds_at then 'unsubscribed_at' when left_at then 'opted_out_at' end as opted_out_by,
      array_remove(array[left_at, case when ends_unsubscribed then unsubscribe_holds_at end, case when ends_complaint then complaint_holds_at end], null) as endable
    from held
  ), blocked as (
    select * from channel where is_blacklisted order by blacklisted_at desc, blacklist_reason collate "C" desc nulls last limit 1
  ), opted_out as (
    select * from (
      select null::text as media_type, 'opted_out_at' as what, left_at as at from person where left_at is not null
      union all
      select case when opted_out_by <> 'opted_out_at' then media_type end, opted_out_by, greatest(left_at, unsubscribe_holds_at, complaint_holds_at)
      from channel where opted_out_by is not null
    ) as each order by at desc, media_type nulls first limit 1
  ), flag(${columns}) as (${ofContact}
  union all ${ofChannels}
  ), logged as materialized (
    select a.occurred_at, a.activity_key, a.batch_id, a.status, a.media_type, a.message_id, a.status_description, a.subscriptions, a.hard_bounce,
      case when cardinality(a.subscriptions) > 0 then 'some' when cardinality(a.subscriptions) = 0 then 'none' end as subscribed_to,
      exists (select from vidhuk.projection_rule r where r.about_contact and r.status = a.status) as about_contact
    from vidhuk.activity a where a.source = $1 and a.contact_id = $2
  ), moved as (
    select null::text as scope, r.moves as what, r.keeps, a.*
    from logged a join vidhuk.projection_rule r on r.of_contact and coalesce(r.status, a.status) = a.status
      and (r.hard_bounce is null or r.hard_bounce = a.hard_bounce) and (r.subscriptions is null or r.subscriptions = a.subscribed_to)
    union all
    select a.media_type, r.moves, r.keeps, a.*
    from logged a join vidhuk.projection_rule r on r.of_channel and coalesce(r.status, a.status) = a.status
      and (r.hard_bounce is null or r.hard_bounce = a.hard_bounce) and (r.subscriptions is null or r.subscriptions = a.subscribed_to)
    where a.media_type is not null and not a.about_contact
    union all
    select null, 'subscriptions', 'latest', a.* from logged a where a.subscriptions is not null
  ), ${floors ? 'decided_by_log' : 'decided'} as (
    select distinct on (scope, what) *, count(*) over (partition by scope, what, occurred_at) as at_once from moved
    order by scope, what, case when keeps = 'earliest' then occurred_at end, occurred_at desc, subscriptions desc nulls last,
      coalesce(status_description, '') collate "C" desc, activity_key
  )${floors ? decidedByFloors : ''}, known as (
    select null::text as scope, to_jsonb(p) as held from person p
    union all select media_type, to_jsonb(c) from channel c
  ), moment as (
    select known.scope, r.what, r.keeps, r.words, (known.held ->> r.what)::timestamptz as at, known.held
    from known cross join (
      select moves as what, keeps, of_contact, of_channel, string_agg(words, ' or ' order by nth) as words
      from vidhuk.projection_rule group by moves, keeps, of_contact, of_channel
    ) as r
    where case when known.scope is null then r.of_contact else r.of_channel end
  ), explained as (
    select case when f.scope is null then 0 else 1 end as part, f.nth, f.scope, f.what, f.value, f.value is not distinct from f.stored as agrees,
      f.rule, f.tie, f.changes, f.by_scope, f.by_what
    from flag f
    union all
    select case when m.scope is null then 0 else 1 end, 5, m.scope, m.what, ${exact('m.at')},
      m.at is not distinct from d.occurred_at, m.what || ' is the time of the ' || m.keeps || ' ' || m.words,
      case when d.at_once > 1 and d.occurred_at = m.at then d.at_once || ' activities at that moment say so: any of them would do' end,
      case m.keeps when 'earliest' then 'an activity before it' else case when m.at is null then 'the first ' else 'a later ' end || m.words end,
      m.scope, m.what
    from moment m left join decided d on d.scope is not distinct from m.scope and d.what = m.what
    union all
    select 1, 6, c.media_type, 'blacklist_reason', c.blacklist_reason, d.status_description is not distinct from c.blacklist_reason,
      'what was said at blacklisted_at', case when d.at_once > 1 then 'of several at that moment the greatest by bytes' end, null, c.media_type, 'blacklisted_at'
    from channel c left join decided d on d.scope = c.media_type and d.what = 'blacklisted_at'
    where c.blacklisted_at is not null
    union all
    select 0, 6, null, 'subscriptions', ${list('p.subscriptions')}, d.subscriptions is not distinct from p.subscriptions,
      'the list of the latest SUBSCRIPTION_CHANGED that names one', case when d.at_once > 1 then 'of several at that moment the greatest by bytes' end,
      'a SUBSCRIPTION_CHANGED' || case when p.subscriptions_at is null then '' else ' after ' || ${utc('p.subscriptions_at')} end, null, 'subscriptions'
    from person p left join decided d on d.scope is null and d.what = 'subscriptions'
  )
  select coalesce(e.scope, 'contact'), e.what, e.value, e.agrees, d.occurred_at, d.status, d.media_type, d.message_id, d.status_description, ${floors ? belowHorizon : 'e.rule'}, e.tie,
    e.changes, d.activity_key, d.batch_id, b.origin, b.received_at
  from explained e
  left join decided d on d.scope is not distinct from e.by_scope and d.what = e.by_what and e.value is not null
  left join vidhuk.batch b on b.id = d.batch_id
  order by e.part, e.scope collate "C", e.nth, e.what`;

/** `with floors`: from migration 0010 on. */
export const explainFunction = (
  floors?: 'with floors',
): string => `create function vidhuk.explain(source text, contact_id bigint) returns table (
    scope text, what text, value text, agrees boolean, occurred_at timestamptz, status text, media_type text, message_id bigint, reason text, rule text, tie text,
    changes text, activity_key uuid, batch_id uuid, origin text, received_at timestamptz)
  language sql stable as $explain$${body(floors !== undefined)} $explain$`;
