import { expect } from 'chai';
import { stripVTControlCharacters } from 'node:util';
import type { ListedActivity } from '../../../packages/worker/src/activity-log/sql/list-activities.js';
import { reportList, tableOf } from '../../../packages/cli/src/output/activity-report.js';

/** Three years and some days ago. */
const occurredAt = new Date(Math.floor(Date.now() / 1_000) * 1_000 - 1_100 * 86_400_000);

const bounce = {
  occurredAt,
  source: 'main',
  status: 'UNDELIVERED',
  mediaType: 'mobilepush',
  contactId: '1967597908',
  address: 'olena.marchenko9991@corp.example.org',
  messageId: '2489300',
  messageName: 'Autumn sale',
  workflowId: '340484',
  statusDescription: '5.1.2 (bad destination system: no such domain)',
} as unknown as ListedActivity;

/** The lines of the table on a terminal of 80 columns. */
function onTerminal(activities: ListedActivity[], wide: boolean): string[] {
  const { stdout } = process;
  const { isTTY, columns } = stdout;
  Object.assign(stdout, { isTTY: true, columns: 80 });
  try {
    return stripVTControlCharacters(tableOf(reportList(activities, wide), wide)).split('\n');
  } finally {
    Object.assign(stdout, { isTTY, columns });
  }
}

describe('the table of activities', () => {
  it('cuts no status, channel or id to pieces at 80 columns', () => {
    const [head, first, ...rest] = onTerminal([bounce, { ...bounce, messageName: null }], false);
    expect(head).to.match(/^occurred +status +channel +contact +address +message +about$/);
    expect(first).to.match(/^3 years ago {2}UNDELIVERED {2}mobilepush {2}1967597908 /);
    for (const line of rest) expect(line.length).to.be.at.most(80);
  });
  it('names the source where there are several', () => {
    expect(onTerminal([bounce, { ...bounce, source: 'mail' }], false)[0]).to.match(/^occurred +source +status/);
  });
  it('has every column, exact times and one line each with --wide, however long that gets', () => {
    const [head, ...lines] = onTerminal([bounce, bounce], true);
    expect(head).to.match(/^time +source +status +channel +contact +address +message +name +workflow +about$/);
    expect(lines).to.have.length(2);
    expect(lines[0]).to.contain(occurredAt.toISOString().replace('.000', ''));
    expect(lines[0]).to.match(/ olena\.marchenko9991@corp\.example\.org .*no such domain\)$/);
  });
});
