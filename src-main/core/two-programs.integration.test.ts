import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallContext, SeriesSummary } from '@shared/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Core, createCore } from './core';
import { Services } from './services';
import { loadSettings } from './settings';

const KEY = 'binance:spot:ETHUSDT:1m';
const DAY = { from: Date.UTC(2024, 4, 1), to: Date.UTC(2024, 4, 2) };
const HOUR = { from: DAY.from, to: DAY.from + 3_600_000 };
const context: CallContext = { signal: new AbortController().signal };
const env = { TAPEMEND_QUESTDB_JAR: process.env.TAPEMEND_QUESTDB_JAR };

let workspace: string;
let app: Core;
let other: Services;

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'tapemend-two-'));
  app = createCore({ workspace, version: '0', flags: { practice: true }, env });
  await app.start();
  await app.ready();
  other = await Services.open({ workspace, settings: loadSettings({ workspace, env }), practice: true });
});

afterAll(async () => {
  await other?.close();
  await app?.stop();
  rmSync(workspace, { recursive: true, force: true });
});

async function listed(): Promise<SeriesSummary | undefined> {
  const { series } = await app.requests['series.list']({}, context);
  return series.find(({ key }) => key === KEY);
}

const bars = async () => (await listed())?.bars ?? -1;

describe('an app beside another program of its workspace', () => {
  it('never hears of the series that the other follows, or of candles that it stored', async () => {
    const changed: string[] = [];
    app.events.subscribe((name) => changed.push(name));
    await other.store.trackSeries([KEY], true);
    await expect.poll(bars, { timeout: 60_000 }).toBe(0);
    expect(changed).toContain('series.list_changed');
    const receipt = await (await other.backfill.start({ items: [{ key: KEY, range: HOUR }], source: 'rest' })).finished;
    expect(receipt.status).toBe('complete');
    await expect.poll(bars, { timeout: 60_000 }).toBe(60);
    await expect.poll(() => changed, { timeout: 60_000 }).toContain('coverage.changed');
    expect((await listed())?.listedAt).toBe(Date.UTC(2017, 7, 17, 4));
    // What the other has stored and asked is not asked once more.
    const { totals } = await app.requests['backfill.plan'](
      { items: [{ key: KEY, range: HOUR }], source: 'auto' },
      context,
    );
    expect(totals).toMatchObject({ bars: 0, requests: 0 });
    await other.store.trackSeries([KEY], false);
    await expect.poll(listed, { timeout: 60_000 }).toBeUndefined();
  });
});
