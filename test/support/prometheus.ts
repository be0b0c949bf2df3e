/** Reading Prometheus' text format. */

/** Value by name and labels as they stand, such as `vidhuk_http_answers_total{code="200"}`. */
export function parseSamples(text: string): Partial<Record<string, number>> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}
