/** What is started before the first test that needs it, and so outside of any test’s time: the services whose files the loaded tests import. */
const starters: (() => Promise<unknown>)[] = [];

export function beforeAllTests(start: () => Promise<unknown>): void {
  starters.push(start);
}

export async function startServices(): Promise<void> {
  await Promise.all(starters.map((start) => start()));
}
