/** The receiver's URL: where it comes from, whose source it names, and how to show it without its secrets. */

/** Path of the ingress for URL-only senders: source and token stand in it. */
const PATH = /^(\/webhooks\/esputnik\/)([^/]+)(\/[^/]+)?\/?$/;

/** URL of a hook for workflows, of the receiver, source and token of this webhook URL. Throws RangeError where it is none of Vidhuk. */
export function workflowUrlOf(url: string, hook: string): string {
  const workflow = new URL(url);
  const [, , source, token = ''] = PATH.exec(workflow.pathname) ?? [];
  if (source === undefined) throw new RangeError('the URL is no webhook of Vidhuk: …/webhooks/esputnik/<source>');
  workflow.pathname = `/workflows/esputnik/${source}/${encodeURIComponent(hook)}${token}`;
  return workflow.href;
}

/** The source that the URL names; `main` when it names none. */
export function sourceOf(url: string): string {
  return decodeURIComponent(PATH.exec(new URL(url).pathname)?.[2] ?? 'main');
}

/** The URL for screens and files: without user, password, query, and the token in the path. */
export function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname.replace(PATH, '$1$2/…')}`;
}
