import type { JobProgress } from '@shared/contract';
import type { Range } from '@shared/market';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRule, RequestKind } from '../practice';
import { Services } from './services';
import { startTestBench, type TestBench } from './testing';

const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
/** Days from their archives, some hours from REST. */
const MIXED: Range = { from: Date.UTC(2024, 4, 30), to: Date.UTC(2024, 5, 3, 3) };
const BARS = (MIXED.to - MIXED.from) / 60_000;
const FILES = 4;
const BARS_OF_FILES = FILES * 1_440;

/** The firewall before spot's REST; the archive and the other markets have addresses of their own. */
const WALL: FaultRule[] = (['ping', 'time', 'exchangeInfo', 'klines'] satisfies RequestKind[]).map((kind) => ({
  match: { kind, market: 'spot' },
  effect: 'status',
  status: 403,
}));

let bench: TestBench;
const told: JobProgress[] = [];
beforeAll(async () => {
  const options = { clockSkewMs: NOW - Date.now() };
  const more = {
    patient: true,
    patience: { firewallPauseMs: 500 },
    onProgress: (progress: JobProgress) => void told.push(progress),
  };
  bench = await startTestBench(options, undefined, {}, more);
});
afterAll(() => bench.close());
afterEach(() => bench.practice.setFaults([]));

const logged = () => bench.practice.requestsLog();
const refused = (): number => logged().filter(({ status }) => status === 403).length;
const filesOf = (symbol: string): string[] =>
  logged().flatMap(({ path, method }) =>
    method === 'GET' && path.includes(`${symbol}-`) && path.endsWith('.zip') ? [path] : [],
  );

describe('a firewall that refuses one market (403 with HTML)', () => {
  it('holds up its archives and other markets, is asked again and again, goes unmentioned, or costs a bar', async () => {
    bench.practice.setFaults(WALL);
    const [spot, um] = ['binance:spot:ETHUSDT:1m', 'binance:um:ETHUSDT:1m'];
    const items = [spot, um].map((key) => ({ key: key!, range: MIXED }));
    const own = await bench.services.backfill.start({ items, source: 'auto' });
    const item = (index: number) => own.job.live.progress.items[index]!;
    await expect.poll(() => item(0).barsDone, { timeout: 60_000 }).toBe(BARS_OF_FILES);
    await expect.poll(() => item(1).state, { timeout: 60_000 }).toBe('complete');
    expect(item(0).state).toBe('running');
    expect(told.some(({ current }) => /firewall.*\(403\); nothing is sent until/.test(current ?? ''))).toBe(true);
    // Each pause is twice as long as the one before, for all that wait.
    const pauses = refused();
    expect(pauses).toBeGreaterThan(0);
    expect(pauses).toBeLessThan(8);

    bench.practice.setFaults([]);
    const receipt = await own.finished;
    expect(receipt).toMatchObject({ status: 'complete', errors: [], series: items.map(() => ({ stored: BARS })) });
    expect(receipt.series[0]!.sources).toMatchObject({ archiveMonthly: 0, archiveDaily: FILES });
    for (const { key } of items) expect([key, await bench.differences(key, MIXED)]).toEqual([key, []]);
    expect(filesOf('ETHUSDT').sort()).toEqual([...new Set(filesOf('ETHUSDT'))].sort());
    const before = bench.practice.counters().candleRequests;
    expect((await bench.backfill(spot!, MIXED)).status).toBe('complete');
    expect(bench.practice.counters().candleRequests).toBe(before);
    expect(bench.practice.counters().refused).toEqual({ tooMuch: 0, banned: 0 });
  }, 120_000);

  it('and does not give way ends a command without what the archives have, or hides why bars are missing', async () => {
    bench.practice.setFaults(WALL);
    const { workspace, settings } = bench;
    const command = await Services.open({ workspace, settings, practice: false, patience: { firewallPauseMs: 20 } });
    try {
      const key = 'binance:spot:LTCUSDT:1m';
      const items = [{ key, range: MIXED }];
      const receipt = await (await command.backfill.start({ items, source: 'auto' })).finished;
      const missing = BARS - BARS_OF_FILES;
      expect(receipt).toMatchObject({ status: 'partial', series: [{ stored: BARS_OF_FILES, stillMissing: missing }] });
      expect(receipt.errors.join()).toMatch(
        /firewall of 127\.0\.0\.1:\d+ refused .* \(403\)\. Wait some minutes and try again/,
      );
      expect(receipt.series[0]!.gaps).toMatchObject([{ verdict: 'fetch_failed' }]);
      expect(receipt.series[0]!.gaps[0]!.evidence.join()).toMatch(/firewall/);
      bench.practice.setFaults([]);
      const again = await (await command.backfill.start({ items, source: 'auto' })).finished;
      expect(again).toMatchObject({ status: 'complete', series: [{ alreadyPresent: BARS_OF_FILES, stored: missing }] });
      expect(filesOf('LTCUSDT')).toHaveLength(FILES);
      await bench.services.coverage.catchUp();
      expect(await bench.differences(key, MIXED)).toEqual([]);
    } finally {
      await command.close();
    }
  }, 120_000);
});
