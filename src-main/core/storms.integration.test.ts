import type { Range } from '@shared/market';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StormKind } from '../practice';
import { Services } from './services';
import { startTestBench, type TestBench } from './testing';

/** Ends of months from their archives, two days from daily ones, some hours from REST; all of it from the same seeds each time. */
const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
const DAYS: Range = { from: Date.UTC(2024, 5, 1), to: Date.UTC(2024, 5, 3, 3) };
const RECENT: Range = { from: Date.UTC(2024, 5, 19, 20), to: Date.UTC(2024, 5, 20, 4) };

let bench: TestBench;
beforeAll(async () => {
  const options = { clockSkewMs: NOW - Date.now(), weightLimit: 1e6, futuresWeightLimit: 1e6 };
  bench = await startTestBench(
    options,
    undefined,
    {},
    { patience: { restStallMs: 6_000, archiveStallMs: 8_000, firewallPauseMs: 100 } },
  );
});
afterAll(() => bench.close());

const STORMS: { seed: number; share: number; kinds?: StormKind[] }[] = [
  { seed: 1, share: 0.3, kinds: ['error500', 'html502', 'busy503', 'timeout504'] },
  { seed: 2, share: 0.3, kinds: ['reset', 'cut_body', 'cut_gzip'] },
  { seed: 3, share: 0.3, kinds: ['wrong_json', 'html_body', 'cut_gzip'] },
  { seed: 4, share: 0.2, kinds: ['error500', 'reset', 'wrong_json', 'html502', 'cut_body', 'busy503', 'html_body'] },
  { seed: 5, share: 0.5, kinds: ['busy503', 'reset', 'cut_gzip'] },
  { seed: 6, share: 0.25, kinds: ['timeout504', 'cut_body', 'html_body'] },
  { seed: 7, share: 0.4, kinds: ['error500', 'cut_gzip', 'wrong_json'] },
  { seed: 9, share: 0.4, kinds: ['firewall403'] },
  { seed: 10, share: 0.3, kinds: ['firewall403', 'busy503', 'reset', 'cut_body'] },
  { seed: 8, share: 0.35, kinds: ['reset', 'error500', 'html502', 'busy503', 'cut_body', 'cut_gzip', 'wrong_json'] },
];

const SPOT = 'ETH BNB LTC ADA XRP TRX LINK NEO QTUM DOGE'.split(' ');
const FUTURES = 'ETH BCH XRP LTC TRX ETC LINK SOL BNB ADA'.split(' ');
const COIN = ['1m', '3m', '5m', '15m', '30m', '1h', '2h', '6h', '12h', '4h'];

describe('a storm over three markets at once costs a candle, invents one, provokes a ban or makes the receipt lie:', () => {
  it.each(STORMS.map((storm, index) => ({ index, storm, name: `seed ${storm.seed}: ${storm.kinds?.join(', ')}` })))(
    '$name',
    async ({ index, storm }) => {
      const keys = [
        `binance:spot:${SPOT[index]}USDT:1m`,
        `binance:um:${FUTURES[index]}USDT:1m`,
        `binance:cm:BTCUSD_PERP:${COIN[index]}`,
      ];
      const items = keys.flatMap((key) => [DAYS, RECENT].map((range) => ({ key, range })));
      bench.practice.setFaults([{ storm }]);
      const receipt = await (await bench.services.backfill.start({ items, source: 'auto' })).finished;
      bench.practice.setFaults([]);

      // It may outlast a page's tries; then the receipt says so, and what it says is what the tables hold.
      const lacking = receipt.series.filter(({ stillMissing }) => stillMissing > 0);
      expect(receipt.status === 'complete').toBe(lacking.length === 0 && receipt.series.length === items.length);
      for (const { key, from, to, asked, alreadyPresent, stored, stillMissing } of receipt.series) {
        expect([key, alreadyPresent, stored + stillMissing]).toEqual([key, 0, asked]);
        expect([key, (await bench.stored(key, { from, to })).rows]).toEqual([key, stored]);
      }
      expect(receipt.retries).toBeGreaterThan(0);

      const before = bench.practice.counters().candleRequests;
      const again = await (await bench.services.backfill.start({ items, source: 'auto' })).finished;
      expect([again.status, again.errors]).toEqual(['complete', []]);
      if (lacking.length === 0) expect(bench.practice.counters().candleRequests - before).toBe(0);
      for (const { key, range } of items) expect([key, await bench.differences(key, range)]).toEqual([key, []]);
      expect(bench.practice.counters().refused).toEqual({ tooMuch: 0, banned: 0 });
      expect(bench.practice.requestsLog().filter(({ status }) => status === 418)).toEqual([]);
    },
    180_000,
  );
});

describe('answers that never come', () => {
  it('are waited for for ever, or cost what they were after', async () => {
    const key = 'binance:spot:SOLUSDT:1m';
    bench.practice.setFaults(
      (['klines', 'archive', 'checksum'] as const).map((kind) => ({ match: { kind }, effect: 'hang', times: 1 })),
    );
    const items = [DAYS, RECENT].map((range) => ({ key, range }));
    const { workspace, settings } = bench;
    const patience = { restStallMs: 2_000, archiveStallMs: 3_000 };
    const services = await Services.open({ workspace, settings, practice: false, patience });
    try {
      const receipt = await (await services.backfill.start({ items, source: 'auto' })).finished;
      expect([receipt.status, receipt.errors]).toEqual(['complete', []]);
      expect(receipt.retries).toBeGreaterThanOrEqual(3);
      for (const { range } of items) expect(await bench.differences(key, range)).toEqual([]);
    } finally {
      await services.close();
    }
  }, 180_000);
});
