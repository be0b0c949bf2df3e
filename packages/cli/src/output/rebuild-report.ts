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

export function describeRebuilt({ batches, elements, gone, differences, corrected, pausedMs }: Rebuilt, check: boolean): string {
  const lines = [`Read ${counted(elements, 'element')} of ${counted(batches, 'batch', 'batches')}.`];
  if (gone > 0)
    lines.push(
      pc.yellow(
        `The bodies of ${counted(gone, 'batch', 'batches')} are gone: what the log and the floors keep of them was taken over as it is.`,
      ),
    );
  if (differences.length === 0) lines.push('Log and statuses are what the bodies say.');
  for (const { table, counts, examples } of differences) {
    lines.push('', pc.bold(table));
    for (const kind of ['missing', 'extra', 'differs'] as const)
      if (counts[kind] > 0) {
        lines.push(`  ${counted(counts[kind], 'row')} that ${kinds[kind]}`);
        lines.push(...examples.filter((each) => each.kind === kind).map((each) => `    ${describeExample(each)}`));
      }
  }
  if (!check) lines.push('', `${counted(corrected, 'row')} put right; batches waited for ${(pausedMs / 1_000).toFixed(1)} s.`);
  else if (differences.length > 0) lines.push('', 'Nothing was changed. Without --check it is put right.');
  return lines.join('\n');
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
