import { expect, type Locator } from '@playwright/test';
import type { App } from './fixtures';

/** Longer than the window waits between two tellings of what is in view, which are five a second while it moves. */
const VIEW_TOLD_MS = 300;

/** The times in view, as the window has told them last. */
export async function viewTold({ page }: App): Promise<{ from: number; to: number }> {
  const strips = page.getByTestId('strips');
  const [from, to] = await Promise.all(['data-from', 'data-to'].map((name) => strips.getAttribute(name)));
  return { from: Number(from), to: Number(to) };
}

/** The same, once the view stands still. */
export async function viewAtRest(app: App): Promise<{ from: number; to: number }> {
  let view = { from: Number.NaN, to: Number.NaN };
  await expect
    .poll(
      async () => {
        const previous = view;
        view = await viewTold(app);
        return previous.from === view.from && previous.to === view.to;
      },
      { intervals: [VIEW_TOLD_MS] },
    )
    .toBe(true);
  return view;
}

/** Row height of the strips in CSS pixels is the row's own; the strips' canvas shares its top with the names. */
export async function clickStrip(app: App, key: string, at: number): Promise<void> {
  const { from, to } = await viewAtRest(app);
  if (!(from < at && at < to)) throw new Error(`${at} is not in view`);
  const canvas = await boxOf(app.page.getByTestId('strip-canvas'));
  const row = await boxOf(app.page.getByTestId(`series-${key}`));
  const x = canvas.x + ((at - from) / (to - from)) * canvas.width;
  await app.page.mouse.click(x, row.y + row.height / 2);
}

async function boxOf(locator: Locator) {
  const box = await locator.boundingBox();
  if (!box) throw new Error(`${locator} is not on the screen`);
  return box;
}

/** Presses the one button of the plan and waits for the receipt that takes its place. */
export async function repair(app: App, patienceMs = 0): Promise<Receipt> {
  const button = app.page.getByTestId('inspector').getByTestId('repair');
  await expect(button).toBeEnabled();
  const promised = (await button.textContent())?.trim() ?? '';
  await button.click();
  const receipt = app.page.getByTestId('inspector').getByTestId('receipt');
  await receipt.waitFor({ timeout: 90_000 + patienceMs });
  const count = async (name: string) =>
    Number((await receipt.getByTestId(`receipt-${name}`).textContent())?.replaceAll(',', ''));
  return {
    promised,
    status: await receipt.getAttribute('data-status'),
    asked: await count('asked'),
    stored: await count('stored'),
    stillMissing: await count('still-missing'),
  };
}

export interface Receipt {
  /** What the button said. */
  promised: string;
  status: string | null;
  asked: number;
  stored: number;
  stillMissing: number;
}
