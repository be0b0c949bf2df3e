import { expect } from 'chai';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { Registry } from 'prom-client';
import { batchQueueName, openQueueStore, serve, type BatchJob, type JobQueue } from '../../../packages/shared/src/index.js';
import { createAdminApp } from '../../../packages/worker/src/admin/admin-server.js';
import { createDashboard } from '../../../packages/worker/src/admin/dashboard.js';
import { needsChromium, startChromium } from '../../support/chromium.js';
import { statusOfTests } from '../../support/configuration-status.js';
import { captureLog } from '../../support/log-lines.js';
import { until } from '../../support/poll.js';
import { openStores } from '../../support/stores.js';

const token = 'admin/hush #1 ї'; // with what a link has to escape

/** One batch failed, one is delayed. */
async function fill(queue: JobQueue<BatchJob>, failOne: () => Promise<void>): Promise<void> {
  const data = { source: 'main', timeZone: 'UTC', receivedAt: '2026-01-01T00:00:00.000Z', bytes: 2, body: '' };
  const idOf = (last: number) => `0190163d-8694-739b-aea5-966c26f8ad9${last}`;
  await queue.add('batch', { id: idOf(1), ...data }, { jobId: idOf(1) });
  await failOne();
  await queue.add('batch', { id: idOf(2), ...data }, { jobId: idOf(2), delay: 3_600_000 });
}

describe('the admin port in Chromium', function () {
  this.timeout(240_000); // a busy machine may take long for one page
  let browser: Browser;
  let address: string;
  let queue: JobQueue<BatchJob>;
  const captured = captureLog();
  const closers: (() => Promise<unknown>)[] = [];
  before(needsChromium);
  before(async () => {
    const { queueUrl, drop } = await openStores('postgres');
    closers.unshift(drop);
    const store = await openQueueStore(queueUrl, () => undefined);
    closers.unshift(() => store.close());
    queue = await store.openQueue<BatchJob>(batchQueueName);
    closers.unshift(() => queue.close());
    await fill(queue, async () => {
      const worker = await store.openWorker<BatchJob>(batchQueueName, () => Promise.reject(new Error('no')), { concurrency: 1 });
      void worker.run();
      await until('it has failed', async () => (await queue.getJobCounts('failed')).failed === 1);
      await worker.close();
    });
    const dashboard = createDashboard();
    dashboard.show(queue);
    const { log } = captured;
    const parts = { token, readiness: [], registry: new Registry(), configuration: statusOfTests, dashboard, log };
    closers.unshift(await serve(createAdminApp(parts).callback(), { host: '127.0.0.1', port: 0 }, log));
    address = `http://127.0.0.1:${Number(captured.lines().find(({ msg }) => msg === 'listening')?.port)}`;
    browser = await startChromium();
    closers.unshift(() => browser.close());
  });
  after(async () => {
    for (const close of closers) await close();
  });

  /** A person who has never been here, with a record of all that the pages ask for and complain of. */
  async function visit(width: number): Promise<{ context: BrowserContext; page: Page; asked: string[]; complaints: string[] }> {
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
    page.on('response', (response) => response.status() >= 400 && complaints.push(`${response.status()} ${response.url()}`));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    return { context, page, asked, complaints };
  }
  const logIn = async (page: Page) => {
    await page.goto(`${address}/login#${encodeURIComponent(token)}`);
    await page.waitForURL(`${address}/queues`);
    await page.locator('main').getByText(batchQueueName).waitFor();
  };
  const menuOf = async (page: Page) => {
    await page.locator('main li [aria-haspopup=menu]').last().click();
    await page.locator('[role=menuitem]:visible').first().waitFor();
    return page.locator('[role=menuitem]:visible').allInnerTexts();
  };

  for (const width of [1400, 360])
    it(`opens the queues by the printed link, in words and without asking anybody else, ${width} pixels wide`, async () => {
      const { context, page, asked, complaints } = await visit(width);
      await logIn(page);
      expect(await page.locator('main').innerText()).to.not.match(/[A-Z]+\.[A-Z_]+/); // QUEUE.ACTIONS.PAUSE: keys of texts that were not found
      expect(await page.title()).to.equal('Vidhuk: queues');
      const folder = process.env.SCREENSHOTS;
      if (folder !== undefined) await page.screenshot({ path: `${folder}/queues-${width}.png` });
      expect(complaints).to.deep.equal([]);
      expect(asked.filter((url) => !url.startsWith(address) && !url.startsWith('data:'))).to.deep.equal([]);
      const secrets = [token, encodeURIComponent(token), 'hush'];
      for (const secret of secrets) {
        expect(asked.slice(1).join('\n')).to.not.include(secret);
        expect(captured.text()).to.not.include(secret);
        expect(JSON.stringify(await context.cookies())).to.not.include(secret);
      }
      const [cookie] = await context.cookies();
      expect(cookie).to.include({ httpOnly: true, sameSite: 'Strict' });
      await page.goto(`${address}/`);
      expect(page.url()).to.equal(`${address}/queues`);
      await context.close();
    });

  it('offers what is done and nothing that is refused: neither Empty, Obliterate nor Add job, of a queue or of one batch', async () => {
    const { context, page } = await visit(1400);
    await logIn(page);
    expect(await menuOf(page)).to.deep.equal(['Retry all 1 failed jobs', 'Pause']);
    const pages: [string, string[]][] = [
      ['failed', ['lucide-refresh-cw', 'lucide-refresh-cw']],
      ['delayed', ['lucide-corner-up-left', 'lucide-corner-up-left']],
    ];
    for (const [status, icons] of pages) {
      await page.goto(`${address}/queues/queue/${batchQueueName}?status=${status}`);
      await page.getByText('0190163d').first().waitFor();
      const shown = await page.locator('main li:visible > button svg, main li:visible span > button svg').all();
      const classes = await Promise.all(shown.map((svg) => svg.getAttribute('class')));
      expect(classes.map((text) => text?.split(' ').at(-1))).to.deep.equal(icons);
    }
    await page.getByLabel('Queue info').click();
    await page.getByText('Global concurrency').waitFor();
    expect(await page.locator('[role=dialog] dd button:visible').count()).to.equal(0);
    await context.close();
  });

  it('pauses and resumes a queue, logged in by the cookie', async () => {
    const { context, page } = await visit(1400);
    await logIn(page);
    for (const [label, paused] of [
      ['Pause', true],
      ['Resume', false],
    ] as const) {
      await menuOf(page);
      await page.getByRole('menuitem', { name: label, exact: true }).click();
      await page.getByRole('alertdialog').or(page.getByRole('dialog')).getByRole('button', { name: 'Confirm' }).click();
      await until(`it is ${label.toLowerCase()}d`, async () => (await queue.isPaused()) === paused);
      await page
        .locator('main')
        .getByText('[ Paused ]')
        .waitFor({ state: paused ? 'visible' : 'detached' });
    }
    await context.close();
  });

  it('says so where the token of the link is wrong, and takes one that is typed', async () => {
    const { context, page } = await visit(1400);
    await page.goto(`${address}/login#guessed`);
    await page.getByText('This is not the admin token.').waitFor();
    expect(await context.cookies()).to.deep.equal([]);
    await page.getByLabel('Admin token').fill(token);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL(`${address}/queues`);
    await context.close();
  });
});
