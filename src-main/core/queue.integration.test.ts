import type { JobProgress, Receipt } from '@shared/contract';
import { parseCandleSeriesKey, type Range } from '@shared/market';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Services, type ServicesOptions } from './services';
import { rowOf, rowOfExchange, startTestBench, type TestBench } from './testing';

const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
const DAY_MS = 86_400_000;
const days = (text: string, count: number): Range => ({
  from: Date.parse(`${text}T00:00Z`),
  to: Date.parse(`${text}T00:00Z`) + count * DAY_MS,
});
const keyOf = (symbol: string): string => `binance:spot:${symbol}:1m`;
const SLOW = [{ match: { kind: 'klines' as const }, effect: 'slow' as const, delayMs: 60 }];
/** This symbol is far from its end when the first bars of others are stored. */
const slowest = (symbol: string) => [
  { match: { kind: 'klines' as const, symbol }, effect: 'slow' as const, delayMs: 500 },
  ...SLOW,
];

let bench: TestBench;
const opened: Services[] = [];

beforeAll(async () => {
  bench = await startTestBench({ clockSkewMs: NOW - Date.now() });
});
afterEach(async () => {
  bench.practice.setFaults([]);
  for (const services of opened.splice(0)) await services.close();
});
afterAll(() => bench.close());

/** Another program on the same workspace. */
async function open(options: Partial<ServicesOptions> = {}): Promise<Services> {
  const { workspace, settings } = bench;
  const services = await Services.open({ workspace, settings, practice: false, ...options });
  opened.push(services);
  await services.exchange.syncClock('spot');
  return services;
}

async function jobOf(services: Services, jobId: string): Promise<JobProgress> {
  const job = (await services.backfill.list(1_000)).find((each) => each.jobId === jobId);
  if (!job) throw new Error(`no job ${jobId}`);
  return job;
}

async function stateIn(services: Services, jobId: string): Promise<string> {
  return (await jobOf(services, jobId)).state;
}

async function inTheMiddle(services: Services, jobId: string): Promise<void> {
  await expect.poll(async () => (await jobOf(services, jobId)).barsDone, { timeout: 60_000 }).toBeGreaterThan(0);
}

async function expectTruth(key: string, range: Range): Promise<void> {
  const { symbol, interval } = parseCandleSeriesKey(key)!;
  const stored = await bench.stored(key, range);
  const truth = await bench.truth(symbol, interval, range);
  expect(stored.rows).toBe(truth.length);
  for (let i = 0; i < truth.length; i++) expect(rowOf(stored, i)).toEqual(rowOfExchange(truth[i]!));
}

const requests = (): number => bench.practice.counters().requests.klines ?? 0;
/** REST requests for so many days of minutes, with one for each series' first candle. */
const requestsFor = (count: number, series = 1): number => Math.ceil((count * 1_440) / 1_000) + series;

describe('a job of many series', () => {
  it('mixes their rows, loses some, or answers in another order than asked', async () => {
    const symbols = (await bench.services.exchange.symbols('spot'))
      .filter((info) => info.status === 'TRADING' && info.quoteAsset === 'USDT')
      .slice(0, 20)
      .map((info) => info.symbol);
    expect(symbols).toHaveLength(20);
    const range = { from: Date.UTC(2024, 4, 1), to: Date.UTC(2024, 4, 3, 1) };
    const items = symbols.map((symbol) => ({ key: keyOf(symbol), range }));
    const own = await bench.services.backfill.start({ items, source: 'auto' });
    const receipt = await own.finished;
    expect(receipt.errors).toEqual([]);
    expect(receipt.status).toBe('complete');
    expect(receipt.series.map((series) => series.key)).toEqual(items.map((item) => item.key));
    for (const { key } of items) await expectTruth(key, range);
    const { items: listed, itemTotals, sources } = await jobOf(bench.services, own.jobId);
    expect(itemTotals).toMatchObject({ total: 20, byState: { complete: 20, running: 0 } });
    expect(listed[0]).toMatchObject({ index: 0, barsAsked: 2_940, barsDone: 2_940, lastError: null });
    expect(sources).toMatchObject({ archiveMonthly: 0, archiveDaily: 40, rest: 20 });
    const before = bench.practice.counters().candleRequests;
    const again = await (await bench.services.backfill.start({ items, source: 'auto' })).finished;
    expect(again.status).toBe('complete');
    expect(bench.practice.counters().candleRequests).toBe(before);
  });

  it('two ranges of one series are fetched by the same job at the same time, or one of them twice', async () => {
    const whole = days('2024-03-01', 4);
    const before = requests();
    const items = [0, 1, 2].map((at) => ({
      key: keyOf('XRPUSDT'),
      range: { from: whole.from + at * DAY_MS, to: whole.from + (at + 2) * DAY_MS },
    }));
    const receipt = await (await bench.services.backfill.start({ items, source: 'rest' })).finished;
    expect(receipt.series.map(({ stored, alreadyPresent }) => [stored, alreadyPresent])).toEqual([
      [2_880, 0],
      [1_440, 1_440],
      [1_440, 1_440],
    ]);
    expect(requests() - before).toBeLessThanOrEqual(3 + 2 + 2 + 1);
    await expectTruth(keyOf('XRPUSDT'), whole);
  });
});

describe('a job that is paused', () => {
  const range = days('2024-02-01', 25);
  const items = ['TRXUSDT', 'LINKUSDT', 'DOGEUSDT'].map((symbol) => ({ key: keyOf(symbol), range }));

  it('goes on by itself, forgets what it stored, or asks for it again when it is resumed after a restart', async () => {
    bench.practice.setFaults(slowest('DOGEUSDT'));
    const before = requests();
    const first = await open({ patient: true });
    const own = await first.backfill.start({ items, source: 'rest' });
    await inTheMiddle(first, own.jobId);
    expect(await first.backfill.pause(own.jobId)).toBe(true);
    await expect.poll(() => stateIn(first, own.jobId)).toBe('paused');
    const quiet = requests();
    await first.close();
    await expect(own.finished).rejects.toMatchObject({ code: 'runtime.stopping' });

    const second = await open({ patient: true });
    expect(await second.backfill.adoptJobs()).toBe(1);
    expect(await jobOf(second, own.jobId)).toMatchObject({ state: 'paused', owner: 'here' });
    expect(requests()).toBe(quiet);
    bench.practice.setFaults([]);
    expect(await second.backfill.resume(own.jobId)).toBe(true);
    await expect.poll(() => stateIn(second, own.jobId), { timeout: 60_000 }).toBe('complete');
    const receipt = (await second.backfill.receipt(own.jobId))!;
    // The receipt is of the whole job, not of its last run.
    expect(receipt.series.map(({ alreadyPresent, stored }) => [alreadyPresent, stored])).toEqual(
      items.map(() => [0, 25 * 1_440]),
    );
    // Up to a piece of 20 requests per lane was given up in the middle.
    expect(requests() - before).toBeLessThan(requestsFor(25, 3) * 3 + 4 * 20);
    for (const { key } of items) await expectTruth(key, range);
  });
});

describe('two programs on one workspace', () => {
  it('run their jobs at the same time, or do not see each other’s', async () => {
    const told: JobProgress[] = [];
    const finished: string[] = [];
    const one = await open();
    const two = await open({
      patient: true,
      onProgress: (progress) => told.push(progress),
      onFinished: (progress: JobProgress, _receipt: Receipt) => finished.push(progress.jobId),
    });
    await two.backfill.adoptJobs();
    bench.practice.setFaults(SLOW);
    const long = await one.backfill.start({
      items: [{ key: keyOf('BCHUSDT'), range: days('2024-01-01', 20) }],
      source: 'rest',
    });
    await inTheMiddle(one, long.jobId);
    const short = await two.backfill.start({
      items: [{ key: keyOf('ETCUSDT'), range: days('2024-01-01', 1) }],
      source: 'rest',
    });
    expect(await stateIn(one, short.jobId)).toBe('queued');
    await expect.poll(() => told.some(({ jobId, owner }) => jobId === long.jobId && owner === 'elsewhere')).toBe(true);
    expect(told.find(({ jobId, state }) => jobId === short.jobId && state === 'running')).toBeUndefined();
    bench.practice.setFaults([]);
    expect((await long.finished).status).toBe('complete');
    expect((await short.finished).status).toBe('complete');
    await expect.poll(() => finished).toContain(long.jobId);
    expect((await two.backfill.receipt(long.jobId))?.status).toBe('complete');
  });

  it('cannot pause, resume or cancel what the other runs', async () => {
    const one = await open();
    const two = await open();
    bench.practice.setFaults(slowest('XLMUSDT'));
    const items = ['ADAUSDT', 'XLMUSDT'].map((symbol) => ({ key: keyOf(symbol), range: days('2024-01-01', 25) }));
    const own = await one.backfill.start({ items, source: 'rest' });
    await inTheMiddle(one, own.jobId);
    expect(await two.backfill.pause(own.jobId)).toBe(true);
    await expect.poll(() => stateIn(one, own.jobId)).toBe('paused');
    expect(await jobOf(two, own.jobId)).toMatchObject({ state: 'paused', owner: 'elsewhere' });
    await two.backfill.resume(own.jobId);
    await expect.poll(() => stateIn(one, own.jobId)).toBe('running');
    expect(await two.backfill.cancel(own.jobId)).toBe(true);
    const receipt = await own.finished;
    expect(receipt.series[0]!.stored).toBeGreaterThan(0);
    expect(receipt.series[1]!.stillMissing).toBeGreaterThan(0);
    expect(await stateIn(two, own.jobId)).toBe('cancelled');
    expect(await two.backfill.pause(own.jobId)).toBe(false);
  });

  it('an urgent job waits behind a long one, or the long one loses what it had', async () => {
    const one = await open();
    const two = await open();
    bench.practice.setFaults(slowest('NEOUSDT'));
    const range = days('2024-01-01', 25);
    const items = ['HOTUSDT', 'NEOUSDT'].map((symbol) => ({ key: keyOf(symbol), range }));
    const long = await one.backfill.start({ items, source: 'rest' });
    await inTheMiddle(one, long.jobId);
    const urgent = await two.backfill.start({
      items: [{ key: keyOf('EOSUSDT'), range: days('2024-01-01', 1) }],
      source: 'rest',
      priority: 1,
    });
    expect((await urgent.finished).status).toBe('complete');
    expect(['queued', 'running']).toContain(await stateIn(one, long.jobId));
    bench.practice.setFaults([]);
    expect(await long.finished).toMatchObject({
      status: 'complete',
      series: items.map(() => ({ alreadyPresent: 0, stored: 25 * 1_440 })),
    });
    await expectTruth(keyOf('NEOUSDT'), days('2024-01-20', 3));
  });

  it('a waiting job of what is on screen stays behind an older one', async () => {
    const one = await open();
    // The first must not end before the others wait behind it and one of them is preferred.
    bench.practice.setFaults([{ match: { kind: 'klines', symbol: 'IOTAUSDT' }, effect: 'slow', delayMs: 1_000 }]);
    const ask = (symbol: string, count: number) =>
      one.backfill.start({ items: [{ key: keyOf(symbol), range: days('2024-01-01', count) }], source: 'rest' });
    const first = await ask('IOTAUSDT', 60);
    await inTheMiddle(one, first.jobId);
    const [older, shown] = [await ask('ICXUSDT', 1), await ask('ONTUSDT', 1)];
    expect(await one.backfill.prefer([keyOf('ONTUSDT')])).toBe(1);
    bench.practice.setFaults([]);
    // In which order they end, not what the older is doing a moment later: it is a day's work of milliseconds.
    const ended: string[] = [];
    const all = { first, older, shown };
    await Promise.all(Object.entries(all).map(([name, job]) => job.finished.then(() => ended.push(name))));
    expect(ended).toEqual(['first', 'shown', 'older']);
  });
});

describe('a job with failures', () => {
  it('loses the series that work, or its retry asks again for those', async () => {
    const range = days('2024-01-10', 1);
    const items = ['DASHUSDT', 'ZECUSDT', 'XMRUSDT'].map((symbol) => ({ key: keyOf(symbol), range }));
    bench.practice.setFaults([{ match: { kind: 'klines', symbol: 'ZECUSDT' }, effect: 'status', status: 400 }]);
    const own = await bench.services.backfill.start({ items, source: 'rest' });
    const receipt = await own.finished;
    expect(receipt.status).toBe('partial');
    const job = await jobOf(bench.services, own.jobId);
    expect(job.items.map(({ key, state }) => [key, state])).toEqual([
      [keyOf('ZECUSDT'), 'failed'],
      [keyOf('DASHUSDT'), 'complete'],
      [keyOf('XMRUSDT'), 'complete'],
    ]);
    expect(job.items[0]!.lastError).toBeTruthy();
    bench.practice.setFaults([]);
    const before = requests();
    const again = await bench.services.backfill.retry(own.jobId);
    expect(again.record.request).toMatchObject({ retryOf: own.jobId, items: [{ key: keyOf('ZECUSDT'), range }] });
    expect((await again.finished).status).toBe('complete');
    expect(requests() - before).toBeLessThanOrEqual(requestsFor(1));
    await expect(bench.services.backfill.retry(again.jobId)).rejects.toMatchObject({ code: 'usage.nothing_to_retry' });
    await expect(bench.services.backfill.retry('nobody')).rejects.toMatchObject({ code: 'usage.unknown_job' });
  });

  it('of an app ends when the exchange is away, instead of waiting and saying so', async () => {
    const said = new Set<string>();
    const app = await open({ patient: true, onProgress: ({ current }) => current && said.add(current) });
    const range = days('2024-01-12', 1);
    const key = keyOf('QTUMUSDT');
    await bench.backfill(key, { from: range.from, to: range.from + 60_000 });
    bench.practice.setFaults([{ match: { path: '/api' }, effect: 'reset' }]);
    const own = await app.backfill.start({ items: [{ key, range }], source: 'rest' });
    await expect.poll(() => [...said].join(), { timeout: 90_000 }).toMatch(/exchange unreachable, next try in \d+ s/);
    bench.practice.setFaults([]);
    expect(await own.finished).toMatchObject({ status: 'complete', series: [{ stored: 1_439 }], errors: [] });
    await expectTruth(key, range);
  }, 180_000);
});
