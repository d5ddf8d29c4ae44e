import { expect, repair, seriousAxeViolations, test } from './driver';

test.use({ begin: 'exchange' });

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'XRPUSDT'];
const STOPPED = '2024-03-05';
const keyOf = (symbol: string) => `binance:spot:${symbol}:1h`;

test('a stop that nobody knows is proposed with its evidence, and one word explains its gaps in every series', async ({
  app,
}) => {
  const { page } = app;
  app.exchange.setFaults([{ match: {}, effect: 'lacks_day', day: STOPPED }]);
  await app.reaches('setup');
  await page.getByTestId('setup-start').click();
  await app.reaches('ready');
  await page.getByTestId('choose-symbols').click();
  const adding = page.getByTestId('add-series-dialog');
  await page.getByTestId('symbol-paste').fill(SYMBOLS.join(' '));
  await page.getByTestId('symbol-paste-choose').click();
  await adding.getByTestId('interval-1h').click();
  await adding.getByTestId('interval-1m').click();
  await page.getByTestId('add-series-confirm').click();
  await expect(page.getByTestId('strips')).toHaveAttribute('data-rows', String(SYMBOLS.length));
  await expect(page.getByTestId('outages-toggle')).toHaveText('outages');

  await page.getByTestId('view-matrix').click();
  await page.getByTestId('matrix-grid').focus();
  await page.keyboard.press('Control+a');
  const inspector = page.getByTestId('inspector');
  const form = inspector.getByTestId('fetch-form');
  await form.getByLabel('From').fill('2024-03-04 00:00');
  await form.getByLabel('To (UTC)').fill('2024-03-07 00:00');
  const receipt = await repair(app);
  expect(receipt).toMatchObject({ asked: 4 * 72, stored: 4 * 48, status: 'complete_with_explained_gaps' });

  // Nobody has to look for it: footer and list of what needs attention say so.
  const toggle = page.getByTestId('outages-toggle');
  await expect(toggle).toHaveText('1 possible outage');
  await page.getByTestId('matrix-grid').press('Escape');
  await expect(inspector).toHaveAttribute('data-kind', 'none');
  await inspector.getByTestId('attention-outages-act').click();
  const dialog = page.getByTestId('outages-dialog');
  const proposal = dialog.getByTestId('outage-proposal');
  await expect(proposal).toContainText('2024-03-05 00:00');
  await expect(proposal).toContainText(/4 (of|symbols)/);
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('proposed');
  await expect(proposal.getByTestId('outage-accept')).toBeDisabled();
  await proposal.getByTestId('outage-remark').fill('Announced maintenance');
  await proposal.getByTestId('outage-accept').click();
  await expect(proposal).toBeHidden();
  const entry = dialog.locator('[data-origin="own"]');
  await expect(entry).toContainText('Announced maintenance');
  await expect(toggle).toHaveText('outages');
  await app.picture('accepted');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  await page.getByTestId('view-strips').click();
  const verdict = async (symbol: string) => {
    await page.getByTestId(`series-${keyOf(symbol)}`).click();
    await inspector.getByRole('button', { name: /All spans/ }).click();
    await inspector.getByTestId('gap-row').filter({ hasText: '2024-03-05' }).getByRole('button').first().click();
    return inspector.getByTestId('verdict');
  };
  for (const symbol of SYMBOLS) await expect(await verdict(symbol)).toHaveAttribute('data-verdict', 'exchange_outage');
  await expect(inspector).toContainText('Announced maintenance');
  await app.picture('explained');

  // Withdrawn, its gaps are judged as before, and it is proposed again; dismissed, it is not.
  await toggle.click();
  await entry.getByTestId('outage-withdraw').click();
  await expect(proposal).toBeVisible();
  await proposal.getByTestId('outage-dismiss').click();
  await expect(dialog.getByTestId('outages-none')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(toggle).toHaveText('outages');
  await expect(await verdict('XRPUSDT')).toHaveAttribute('data-verdict', 'confirmed_absent');
});
