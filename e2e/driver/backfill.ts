import type { Locator } from '@playwright/test';
import type { App } from './fixtures';

/** Adds a series and sets its newest year going by clicks; resolves while the job is under way. */
export async function fetchOneYear(app: App, key: string): Promise<void> {
  const symbol = key.split(':')[2] ?? '';
  await app.page.getByTestId('choose-symbols').click();
  await app.page.getByTestId('symbol-filter').fill(symbol);
  await app.page.getByTestId(`symbol-${symbol}`).click();
  await app.page.getByTestId('add-series-confirm').click();
  await app.page.getByTestId(`series-${key}`).click();
  await app.page.getByRole('button', { name: '1 year' }).click();
  await app.page.getByTestId('inspector').getByTestId('repair').click();
  await app.page.getByTestId('job').waitFor();
}

/** Row of the newest job in the queue, which it opens. */
export async function jobOf(app: App): Promise<Locator> {
  await app.page.getByTestId('queue-toggle').click();
  return app.page.getByTestId('queue-panel').getByTestId('job-row').first();
}
