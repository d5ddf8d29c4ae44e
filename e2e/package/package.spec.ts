import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, packagedFolder, repair, test } from '../driver';

/** Fuses as they must be on the wire; one that an older runtime does not have yet is absent there. */
const FUSES = {
  runAsNode: '0',
  cookieEncryption: '1',
  nodeOptions: '0',
  nodeCliInspect: '0',
  embeddedAsarIntegrityValidation: '1',
  onlyLoadAppFromAsar: '1',
  loadBrowserProcessSpecificV8Snapshot: '0',
  grantFileProtocolExtraPrivileges: '0',
};
const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

test('the packaged binary is hardened: every fuse is read from its wire', () => {
  const binary = readFileSync(join(packagedFolder(), 'tapemend'));
  const at = binary.indexOf(SENTINEL) + SENTINEL.length;
  expect(at).toBeGreaterThan(SENTINEL.length);
  expect(binary[at]).toBe(1);
  const length = binary[at + 1] ?? 0;
  const wire = binary.subarray(at + 2, at + 2 + length).toString('latin1');
  const found = Object.keys(FUSES).map((name, index) => [name, wire[index]]);
  expect(Object.fromEntries(found)).toEqual(FUSES);
});

test('the package holds what it needs and nothing of the development', () => {
  const folder = packagedFolder();
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['LICENSE', 'NOTICE', 'THIRD-PARTY-NOTICES', 'tapemend']));
  expect(readdirSync(join(folder, 'resources'))).toEqual(expect.arrayContaining(['app.asar', 'jre', 'questdb']));
  expect(readdirSync(join(folder, 'locales'))).toEqual(['en-US.pak']);
  const archive = readFileSync(join(folder, 'resources/app.asar'), 'latin1').slice(0, 200_000);
  expect(archive).not.toContain('"node_modules"');
});

test.describe('on a machine without Node and Java', () => {
  test.use({ begin: 'demo' });

  test('the packaged app starts its own database and heals a gap', async ({ app }) => {
    await app.reaches('ready');
    await app.page.getByTestId('series-binance:spot:BTCUSDT:1m').click();
    const gap = app.page.locator('[data-testid="gap-row"][data-verdict="unexplained"] button').first();
    await gap.click({ timeout: 90_000 });
    expect(await repair(app)).toMatchObject({ status: 'complete', stillMissing: 0 });
    await app.picture('packaged');
  });
});
