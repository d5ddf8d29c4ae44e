import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '../driver';

test.use({ begin: 'first-start' });

test('@electron the page is sandboxed: no Node, no electron, and only the bridge added to the window', async ({
  app,
}) => {
  await app.reaches('setup');
  const kinds = await app.page.evaluate<string[]>(
    `[typeof require, typeof process, typeof module, typeof Buffer, typeof ipcRenderer]`,
  );
  expect(kinds).toEqual(['undefined', 'undefined', 'undefined', 'undefined', 'undefined']);
  expect(await app.page.evaluate(`Object.keys(window.bridge)`)).toEqual(['connect']);
  expect(await app.page.evaluate(`Object.isFrozen(window.bridge) || !Reflect.set(window.bridge, 'connect', 1)`)).toBe(
    true,
  );
});

test('@electron the window keeps every safe preference', async ({ app }) => {
  await app.reaches('setup');
  const preferences = await app.electron.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    const contents = window?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
    return contents.getLastWebPreferences();
  });
  expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false });
  expect(preferences.webSecurity ?? true).toBe(true);
  expect(preferences.webviewTag ?? false).toBe(false);
  expect(preferences.allowRunningInsecureContent ?? false).toBe(false);
  expect(preferences.experimentalFeatures ?? false).toBe(false);
});

test('@electron an inline script is refused by the policy, and the refusal is told', async ({ app }) => {
  await app.reaches('setup');
  const violation = await app.page.evaluate<string>(`new Promise((resolve) => {
    document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true });
    const script = document.createElement('script');
    script.textContent = 'window.pwned = true';
    document.head.append(script);
  })`);
  expect(violation).toMatch(/^script-src/);
  expect(await app.page.evaluate(`window.pwned === undefined`)).toBe(true);
});

test('@electron permissions are denied without asking', async ({ app }) => {
  await app.reaches('setup');
  expect(await app.page.evaluate(`Notification.requestPermission()`)).toBe('denied');
  const geolocation = await app.page.evaluate<string>(
    `navigator.permissions.query({ name: 'geolocation' }).then((status) => status.state)`,
  );
  expect(geolocation).toBe('denied');
});

test('@electron the bundle protocol serves nothing outside its folder', async ({ app }) => {
  await app.reaches('setup');
  for (const path of [
    '..%2f..%2fpackage.json',
    '%2e%2e/%2e%2e/package.json',
    '..%5c..%5cpackage.json',
    '%00',
    'main/index.js',
    '/etc/passwd',
  ]) {
    const status = await app.page.evaluate<number>(
      `fetch('app://bundle/${path}').then((response) => response.status, () => 0)`,
    );
    expect(status, path).not.toBe(200);
  }
});

test.describe('a link away from the app', () => {
  const cases = [
    [
      'a plain link',
      (url: string) => `const a = document.createElement('a'); a.href = '${url}'; document.body.append(a); a.click();`,
    ],
    [
      'a link into a new window',
      (url: string) =>
        `const a = document.createElement('a'); a.href = '${url}'; a.target = '_blank'; document.body.append(a); a.click();`,
    ],
    ['window.open', (url: string) => `window.open('${url}');`],
    ['an assigned location', (url: string) => `location.href = '${url}';`],
    ['a look-alike of an allowed address', () => `window.open('https://www.tradingview.com.example.org/');`],
    [
      'a frame',
      (url: string) => `const f = document.createElement('iframe'); f.src = '${url}'; document.body.append(f);`,
    ],
    ['a file', () => `window.open('file:///etc/passwd'); location.href = 'file:///etc/passwd';`],
  ] as const;

  for (const [title, script] of cases) {
    test(`@electron ${title} opens nothing, neither here nor outside`, async ({ app }) => {
      await app.reaches('setup');
      const reached: string[] = [];
      const server = createServer((request, response) => {
        reached.push(request.url ?? '');
        response.end('elsewhere');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        await app.electron.evaluate(({ shell }) => {
          const opened: string[] = [];
          (globalThis as unknown as { opened: string[] }).opened = opened;
          shell.openExternal = async (url: string) => void opened.push(url);
        });
        const before = app.page.url();
        await app.page.evaluate(script(`http://127.0.0.1:${(server.address() as AddressInfo).port}/away`));
        // A navigation that is let through shows within a round trip through the page and the main process.
        await app.page.evaluate(
          `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))`,
        );
        const outcome = await app.electron.evaluate(({ BrowserWindow }) => ({
          windows: BrowserWindow.getAllWindows().length,
          opened: (globalThis as unknown as { opened: string[] }).opened,
        }));
        expect(outcome).toEqual({ windows: 1, opened: [] });
        expect(app.page.url()).toBe(before);
        expect(reached).toEqual([]);
        // Not through a locator: it would wait for the navigation that was just refused.
        expect(await app.page.evaluate(`document.querySelector('[data-app-state]').dataset.appState`)).toBe('setup');
      } finally {
        server.close();
      }
    });
  }
});

test('@electron the guards hold for a second window too', async ({ app }) => {
  await app.reaches('setup');
  const outcome = await app.electron.evaluate(async ({ BrowserWindow }) => {
    const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
    const loaded = await window.loadURL('app://bundle/index.html').then(
      () => true,
      () => false,
    );
    const before = window.webContents.getURL();
    await window.webContents.executeJavaScript(`location.href = 'https://example.org/'; 0`);
    await window.webContents.executeJavaScript(`void window.open('https://example.org/'); 0`);
    const after = window.webContents.getURL();
    const windows = BrowserWindow.getAllWindows().length;
    window.destroy();
    return { loaded, stayed: before === after, windows };
  });
  expect(outcome).toEqual({ loaded: true, stayed: true, windows: 2 });
});
