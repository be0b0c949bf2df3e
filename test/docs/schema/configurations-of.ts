/** The examples of vidhuk.yaml in the documentation. */
import { parseDocument } from 'yaml';
import { configurationSchema } from '../../../packages/shared/src/index.js';
import { codeBlocksOf, type Page } from '../markdown/pages.js';

/** Of other programs: Compose, Kubernetes, Prometheus. */
const foreignKeys = ['services', 'apiVersion', 'scrape_configs', 'groups'];
const sources = 'sources: { main: { tokens: [example] } }\n';

/** Each as a whole file: sources stand before what leaves them out, and a list is one of actions. Throws for YAML that is nothing known. */
export function configurationsOf(pages: readonly Page[]): { place: string; text: string }[] {
  return pages
    .flatMap(codeBlocksOf)
    .filter(({ language }) => language === 'yaml' || language === 'yml')
    .flatMap(({ page, text }) => {
      const value: unknown = parseDocument(text.replace(/\$\{[^{}\n]*\}/g, 'x')).toJS();
      if (Array.isArray(value)) return [{ place: page, text: `${sources}actions:\n${text.replace(/^/gm, '  ')}\n` }];
      const keys = Object.keys(value ?? {});
      if (keys.some((key) => foreignKeys.includes(key))) return [];
      if (!keys.some((key) => Object.hasOwn(configurationSchema.properties, key)))
        throw new Error(`${page}: what is this YAML for? Its keys are ${keys.join(', ')}`);
      return [{ place: page, text: keys.includes('sources') ? text : `${sources}${text}\n` }];
    });
}
