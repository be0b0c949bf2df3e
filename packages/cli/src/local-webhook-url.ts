/** The webhook URL of the ingress on this machine, or undefined when no token is known. */
export function localWebhookUrl(variables: Readonly<Record<string, string | undefined>>): string | undefined {
  const { INGRESS_PORT = '8080', VIDHUK_MAIN_TOKEN = '' } = variables;
  if (VIDHUK_MAIN_TOKEN === '') return undefined;
  return `http://127.0.0.1:${INGRESS_PORT}/webhooks/esputnik/main/${encodeURIComponent(VIDHUK_MAIN_TOKEN)}`;
}
