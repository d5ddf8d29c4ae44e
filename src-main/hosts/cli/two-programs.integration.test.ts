import type { Receipt } from '@shared/contract';
import { intersectRanges, parseCandleSeriesKey, type Range, totalLength } from '@shared/market';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Core, createCore } from '../../core';
import { differences, readStored, readTruth } from '../../core/testing';
import { commandLineBench, exchangeOfTests, practice, tapemend, workspace } from './testing';

const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
const WHOLE: Range = { from: Date.UTC(2024, 5, 14), to: Date.UTC(2024, 5, 20, 12) };
const FIRST = ['BTCUSDT', 'ETHUSDT', 'LTCUSDT', '--interval', '1m', '--from', '2024-06-14', '--to', '2024-06-18T12:00'];
const SECOND = [
  'ETHUSDT',
  'LTCUSDT',
  'XRPUSDT',
  '--interval',
  '1m',
  '--from',
  '2024-06-16',
  '--to',
  '2024-06-20T12:00',
];
const STORED: [string, Range][] = [
  ['BTC', { from: WHOLE.from, to: Date.UTC(2024, 5, 18, 12) }],
  ['ETH', WHOLE],
  ['LTC', WHOLE],
  ['XRP', { from: Date.UTC(2024, 5, 16), to: WHOLE.to }],
];

commandLineBench({ clockSkewMs: NOW - Date.now() });

/** A third program, which only looks on and keeps the database up. */
let onlooker: Core;
beforeEach(async () => {
  onlooker = createCore({
    workspace,
    version: '0',
    flags: {},
    headless: true,
    env: { ...exchangeOfTests(), TAPEMEND_QUESTDB_JAR: process.env.TAPEMEND_QUESTDB_JAR },
  });
  await onlooker.start();
});
afterEach(() => onlooker.stop());

it('two programs that begin at once in a storm, with ranges that overlap, lose a candle, store one twice or lie in a receipt', async () => {
  const { services } = await onlooker.ready();
  practice.setFaults([
    { storm: { seed: 5, share: 0.25, kinds: ['error500', 'html502', 'reset', 'cut_body', 'cut_gzip', 'wrong_json'] } },
  ]);
  const runs = [FIRST, SECOND].map((args) => tapemend(['backfill', ...args, '--json']));
  const ended = await Promise.all(runs.map((run) => run.ended));
  practice.setFaults([]);
  for (const { code, out, err } of ended) {
    // In a storm not even the list of symbols may come; then nothing was begun.
    if (code === 3) {
      expect(err.trim().split('\n').at(-1)).toMatch(/^tapemend: /);
      continue;
    }
    const receipt = JSON.parse(out) as Receipt;
    for (const { asked, alreadyPresent, stored, stillMissing } of receipt.series)
      expect(alreadyPresent + stored + stillMissing).toBe(asked);
    expect(code).toBe(receipt.series.every(({ stillMissing }) => stillMissing === 0) ? 0 : 1);
  }
  for (const args of [FIRST, SECOND]) expect((await tapemend(['backfill', ...args]).ended).code).toBe(0);
  const before = practice.counters().candleRequests;
  for (const args of [FIRST, SECOND]) expect((await tapemend(['backfill', ...args]).ended).code).toBe(0);
  expect(practice.counters().candleRequests).toBe(before);
  expect(practice.requestsLog().filter(({ status }) => status === 418)).toEqual([]);

  for (const [coin, range] of STORED) {
    const series = parseCandleSeriesKey(`binance:spot:${coin}USDT:1m`)!;
    const stored = await readStored(services.store, series, WHOLE);
    expect([coin, differences(stored, await readTruth(practice.restUrl, series, range))]).toEqual([coin, []]);
    const written = (await services.store.ledgerRead([`binance:spot:${coin}USDT:1m`])).map((entry) => [
      ...(entry.written ?? []),
    ]);
    const twice = written.flatMap((one, at) => written.slice(at + 1).flatMap((other) => intersectRanges(one, other)));
    expect([coin, totalLength(twice)]).toEqual([coin, 0]);
  }
}, 240_000);
