import type { Page } from 'playwright';

/** Moments of a page that shows the matrix, in ms since it was asked for. */
export interface MatrixMoments {
  /** The first message of the core that says that it is up. */
  ready: number;
  /** The frame behind the one in which the canvas had every strip and number in sight. */
  seen: number;
  /** The same of the totals: coverage of all series is in the window. */
  whole: number;
}

/** Runs in the page before its own scripts; a text, since functions would need to be typed for a browser. */
const WATCH = `(() => {
  localStorage.setItem('tapemend.view', 'matrix');
  const moments = (window.matrixMoments = { ready: 0, seen: 0, whole: 0 });
  const Socket = WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => {
        if (moments.ready === 0 && data.includes?.('"phase":"ready"')) moments.ready = performance.now();
      });
    }
  };
  let isPainted = false;
  let isRead = false;
  const look = () => {
    const now = performance.now();
    // What a frame found done is on screen with the next one.
    if (isPainted) moments.seen ||= now;
    if (isPainted && isRead) moments.whole = now;
    const matrix = document.querySelector('[data-testid="matrix"]');
    isPainted ||= matrix?.querySelector('canvas').dataset.painted === 'whole';
    isRead ||= isPainted && matrix.dataset.unread === '0';
    if (moments.whole === 0) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();`;

/**
 * Opens the address on the matrix and waits until it is whole, or fails with what the page says instead. `texts` takes what the core
 * sends meanwhile.
 */
export async function openMatrix(page: Page, url: string, texts?: string[]): Promise<MatrixMoments> {
  if (texts)
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => {
        if (typeof payload === 'string') texts.push(payload);
      });
    });
  await page.addInitScript(WATCH);
  await page.goto(url);
  const handle = await page.waitForFunction(
    () => {
      const { document, matrixMoments } = globalThis as unknown as {
        document: { documentElement: { dataset: Record<string, string> }; body: { textContent: string } };
        matrixMoments: MatrixMoments;
      };
      const failure = document.documentElement.dataset.appState === 'failed' ? document.body.textContent : null;
      return matrixMoments.whole > 0 || failure !== null ? { moments: matrixMoments, failure } : null;
    },
    undefined,
    { timeout: 120_000 },
  );
  const { moments, failure } = (await handle.jsonValue())!;
  if (failure !== null) throw new Error(`the page shows no matrix but: ${failure}`);
  return moments;
}
