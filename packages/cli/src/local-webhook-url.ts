/** The webhook's URL on this machine, as the start screen, `status` and the simulator give it. */
import { configPathOf, loadConfiguration, type Configuration } from '@vidhuk/shared';
import type { CliEnvironment } from './environment.js';

/** The first source of the configuration, with its first token; empty texts where there is none. */
export function firstSource({ sources }: Pick<Configuration, 'sources'>): { name: string; token: string } {
  const [name = '', source] = Object.entries(sources)[0] ?? [];
  return { name, token: source?.tokens[0] ?? '' };
}

/** Undefined where neither the configuration can be read nor VIDHUK_MAIN_TOKEN is set, which stands for the source main. */
export async function localWebhookUrl(environment: CliEnvironment): Promise<string | undefined> {
  const { INGRESS_PORT = '8080', VIDHUK_MAIN_TOKEN = '' } = environment;
  const usual = { name: 'main', token: VIDHUK_MAIN_TOKEN };
  // Whoever checks the configuration tells what is wrong with it.
  const { name, token } = await loadConfiguration(configPathOf(environment), environment).then(firstSource, () => usual);
  if (token === '') return undefined;
  return `http://127.0.0.1:${INGRESS_PORT}/webhooks/esputnik/${name}/${encodeURIComponent(token)}`;
}
