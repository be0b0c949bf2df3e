/** A hook that is answered with what is known of a contact needs a database to read that from. */
import { ConfigurationError, type Configuration, type Environment } from '@vidhuk/shared';

/** Throws a {@link ConfigurationError} that names the hooks, where there is none. */
export function requireAnswers({ sources }: Pick<Configuration, 'sources'>, { readDatabaseUrl }: Environment): void {
  if (readDatabaseUrl !== '') return;
  const hooks = Object.entries(sources).flatMap(([source, { workflows }]) =>
    Object.entries(workflows)
      .filter(([, { answer }]) => answer === 'contact')
      .map(([hook]) => `sources.${source}.workflows.${hook}: "answer: contact" needs READ_DATABASE_URL, or DATABASE_URL`),
  );
  if (hooks.length > 0) throw new ConfigurationError(hooks);
}
