/** What a rebuild found, for people. */
import pc from 'picocolors';
import type { ContactChange, Difference, Rebuilt } from '@vidhuk/worker/history';
import { counted } from './plural.js';
import { inLine } from './print.js';

const kinds = {
  missing: 'the bodies say, and the table has not',
  extra: 'the table has, and no body says',
  differs: 'the table has otherwise than the bodies say',
} as const;

const shown = (value: unknown): string => inLine(typeof value === 'string' ? value : JSON.stringify(value));

export function describeRebuilt(
  { batches, elements, gone, resumed, differences, rejections, pausedMs }: Rebuilt,
  check: boolean,
  zone: { source: string; name: string } | undefined,
): string {
  const lines = [
    `Read ${counted(elements, 'element')} of ${counted(batches, 'batch', 'batches')}${resumed ? ', and went on with what had been cut off' : ''}.`,
  ];
  if (gone > 0)
    lines.push(
      pc.yellow(
        `The bodies of ${counted(gone, 'batch', 'batches')} are gone: what the log and the floors have of them is kept as it is, with its times.`,
      ),
    );
  if (check) lines.push(...describeDifferences(differences));
  else {
    lines.push(`Log and statuses were made again. Batches waited for ${(pausedMs / 1_000).toFixed(1)} s.`);
    if (rejections.resolved > 0)
      lines.push(`${counted(rejections.resolved, 'broken element')} in the quarantine turned out to be sound.`);
    if (rejections.added > 0) lines.push(pc.yellow(`${counted(rejections.added, 'element')} went to the quarantine.`));
    if (zone !== undefined)
      lines.push(
        '',
        pc.bold(
          `Now let the configuration say "timeZone: ${zone.name}" for the source ${zone.source}, and reload ingress and workers:`,
        ),
        'what comes in is read by that, and until then still as before.',
      );
  }
  return lines.join('\n');
}

function describeDifferences(differences: Rebuilt['differences']): string[] {
  if (differences.length === 0) return ['Log and statuses are what the bodies say.'];
  const lines: string[] = [];
  for (const { table, counts, examples } of differences) {
    lines.push('', pc.bold(table));
    for (const kind of ['missing', 'extra', 'differs'] as const)
      if (counts[kind] > 0) {
        lines.push(`  ${counted(counts[kind], 'row')} that ${kinds[kind]}`);
        lines.push(...examples.filter((each) => each.kind === kind).map((each) => `    ${describeExample(each)}`));
      }
  }
  return [...lines, '', 'Nothing was changed. Without --check they are made again.'];
}

const describeExample = ({ key, columns }: Difference): string => {
  const which = Object.entries(key)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${shown(value)}`)
    .join(', ');
  const what = Object.entries(columns).map(([name, { is, shouldBe }]) => `${name} is ${shown(is)}, should be ${shown(shouldBe)}`);
  return [which, ...what].join('; ');
};

export function describeChanges(
  { source, contactId, changes }: { source: string; contactId: number; changes: readonly ContactChange[] },
  check: boolean,
): string {
  const head = pc.bold(`Contact ${contactId} of ${inLine(source)}`);
  if (changes.length === 0) return `${head}: its rows are what its activities say.`;
  const rows = changes.map(
    ({ scope, column, was, is }) =>
      `  ${inLine(scope)}: ${column} ${check ? 'is' : 'was'} ${shown(was)}, ${check ? 'should be' : 'is now'} ${shown(is)}`,
  );
  return [`${head}${check ? ', nothing was changed' : ''}`, ...rows].join('\n');
}
