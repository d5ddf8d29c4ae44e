import { expect, test } from '../driver';

test.use({ begin: 'first-start' });

test('a printed address works once: a second browser is turned away, a reload of the first is not', async ({ app }) => {
  await app.reaches('setup');
  await app.page.reload();
  await app.reaches('setup');

  const stranger = await app.context.browser()?.newContext();
  if (!stranger) throw new Error('there is no browser');
  try {
    const page = await stranger.newPage();
    await page.goto(app.url);
    await expect(page.locator('[data-app-state="setup"]')).toHaveCount(0);
    await expect(page.locator('body')).toContainText(/address|link|token/i);
  } finally {
    await stranger.close();
  }
});

test('a page of another origin gets no socket, so a web site cannot reach the core through the browser', async ({
  app,
}) => {
  await app.reaches('setup');
  const address = new URL(app.url);
  const stranger = await app.context.newPage();
  await stranger.goto('data:text/html,<title>elsewhere</title>');
  const outcome = await stranger.evaluate<string>(`new Promise((resolve) => {
    const socket = new WebSocket('ws://${address.host}/rpc');
    socket.onopen = () => resolve('open');
    socket.onerror = () => resolve('refused');
  })`);
  expect(outcome).toBe('refused');
  await stranger.close();
});
