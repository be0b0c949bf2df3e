/**
 * A browser that holds the admin token as Basic password sends it along whichever page asks: what changes something is taken from our own pages and
 * from programs only (as Go's http.CrossOriginProtection has it).
 */
import type { Middleware } from 'koa';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

export const refuseOtherSites: Middleware = async (ctx, next) => {
  if (safeMethods.has(ctx.method) || isOwnPageOrProgram(ctx.get('sec-fetch-site'), ctx.get('origin'), ctx.host)) {
    await next();
    return;
  }
  ctx.status = 403;
  ctx.body = 'this request was made by a page of another site\n';
};

/** Browsers send `Sec-Fetch-Site` to hosts they trust (https, localhost), and `Origin` with whatever is not safe; programs send neither. */
function isOwnPageOrProgram(fetchSite: string, origin: string, host: string): boolean {
  if (fetchSite !== '') return fetchSite === 'same-origin' || fetchSite === 'none';
  return origin === '' || (URL.canParse(origin) && new URL(origin).host === host);
}
