/** Whether the time zone of each source is right: an iid of version 1 tells when the platform made it, by its own clock. */
import { countZones, likelyZone } from './likely-zone.js';
import { ok, warning, type Check, type Finding } from './check.js';

/** Activities that are looked at, of each source; fewer than {@link enough} tell nothing. */
const looked = 1_000;
const enough = 10;
/** Of the log's latest: a source that has no such identifiers shall not have all of it read. */
const searched = 100_000;

interface Row {
  source: string;
  /** `activityDateTime` in UTC, as the source's time zone says; ms since 1970. */
  ms: number;
  iid: string;
}

export const timeZoneCheck: Check = {
  name: 'time zones',
  needs: ['tables', 'config'],
  async look({ tables, config }) {
    const findings: Finding[] = [];
    for (const [source, { timeZone }] of Object.entries(config.sources)) {
      // By the primary key, from the latest on. Of a message that was opened later, the iid is older than the activity.
      const rows = await tables.query<Row[]>(
        `select iid, extract(epoch from occurred_at)::float8 * 1000 as ms
         from (select * from vidhuk.activity order by occurred_at desc, activity_key desc limit ${searched}) as latest
         where source = $1 and status in ('SENT', 'DELIVERED') and iid ~ '^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-'
         limit ${looked}`,
        [source],
      );
      const likely = likelyZone(rows, timeZone, enough);
      if (likely === undefined || likely.minutesOff === 0) continue;
      const hours = Math.abs(likely.minutesOff) / 60;
      const zones = likely.zones.slice(0, countZones).join(' or ');
      findings.push(
        warning(
          `the times of source "${source}" are ${hours} h ${likely.minutesOff > 0 ? 'ahead of' : 'behind'} the platform’s clock: its timeZone (${timeZone}) seems to be wrong`,
          `set timeZone: ${zones}; what is in the log keeps its times`,
        ),
      );
    }
    return findings.length > 0 ? findings : [ok('no sign that one is wrong')];
  },
};
