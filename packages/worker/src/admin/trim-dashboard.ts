/** The dashboard's page without what it fetches from elsewhere, and without the controls that `refuse-loss.ts` would refuse. */
import type { Middleware } from 'koa';

/** Its fonts; the page falls back to those of the system. */
const foreignLinks = /<link\b[^>]*\bhref="(?:https?:)?\/\/[^>]*>/g;

/** Pausing, retrying and promoting stay. Icons and the names before the hyphen are the same in every language; a test looks at the page. */
const style = `<style>
[role="menuitem"]:has(.lucide-plus, .lucide-chart-no-axes-gantt, .lucide-gauge, .lucide-trash-2, .lucide-ban),
:is([class*="jobActions-"], [class*="queueActions-"]) > li:not(:has(.lucide-refresh-cw, .lucide-corner-up-left)),
[class*="editButton-"] { display: none; }
[class*="badgeWrap-"] button { pointer-events: none; }
</style>`;

export const trimDashboard: Middleware = async (ctx, next) => {
  await next();
  if (ctx.response.is('html') && typeof ctx.body === 'string')
    ctx.body = ctx.body.replace(foreignLinks, '').replace('</head>', () => `${style}</head>`);
};
