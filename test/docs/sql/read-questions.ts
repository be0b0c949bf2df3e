/** The questions of support: each heading with the SQL under it. */
import { readPage } from '../markdown/pages.js';

export async function readQuestions(path: string): Promise<Map<string, string>> {
  const { text } = await readPage(path);
  const sections = text.split(/^### /m).slice(1);
  return new Map(
    sections.map((section) => [section.split('\n', 1)[0] ?? '', /^```sql\n([\s\S]*?)^```/m.exec(section)?.[1] ?? '']),
  );
}
