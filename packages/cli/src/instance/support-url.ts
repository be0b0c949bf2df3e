/** The psql URL of support. */
import { messageOf, readSecret, type Variables } from '@vidhuk/shared';
import { step } from '../output/step.js';
import { secret } from './home.js';
import { makeSupportLogin } from './support-login.js';

/**
 * The caller's SUPPORT_DATABASE_URL, else that of the role which is made for it. Undefined where the role cannot be made, which `warn` gets in one
 * line: everything else works without it.
 */
export async function supportUrlOf(
  home: string,
  databaseUrl: string,
  given: Variables,
  warn: (line: string) => void,
): Promise<string | undefined> {
  const { value } = readSecret(given, 'SUPPORT_DATABASE_URL');
  if (value !== undefined) return value.trim();
  const made = await step('support login', async ({ notDone }): Promise<{ url?: string; problem?: string }> => {
    try {
      return { url: await makeSupportLogin(databaseUrl, secret(home, 'SUPPORT_PASSWORD', given)) };
    } catch (error) {
      notDone('not made');
      return { problem: messageOf(error) };
    }
  });
  if (made.problem !== undefined)
    warn(
      `Support has no login of its own (${made.problem}): let a superuser run "create role … login in role vidhuk_support password '…'", and set SUPPORT_DATABASE_URL to its URL.`,
    );
  return made.url;
}
