import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright';
import { WebSocketServer } from 'ws';

/** How long a page takes to receive these texts over a WebSocket and to parse each as JSON, in ms from the first to the last. */
export async function bareSocketMs(browser: Browser, texts: readonly string[]): Promise<number> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    for (const text of texts) socket.send(text);
  });
  const page = await browser.newPage();
  try {
    const { port } = server.address() as AddressInfo;
    return await page.evaluate(
      ({ url, count }) =>
        new Promise<number>((done) => {
          const socket = new WebSocket(url);
          let began = 0;
          let received = 0;
          socket.addEventListener('message', ({ data }) => {
            began ||= performance.now();
            JSON.parse(String(data));
            if (++received === count) done(performance.now() - began);
          });
        }),
      { url: `ws://127.0.0.1:${port}`, count: texts.length },
    );
  } finally {
    await page.close();
    for (const socket of server.clients) socket.terminate();
    server.close();
  }
}
