import type { Receipt } from '@shared/contract';
import { parseCandleSeriesKey, type Range } from '@shared/market';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRule } from '../practice';
import { rowOf, rowOfExchange, startTestBench, type TestBench } from './testing';

/**
 * Bad weather: whatever the exchange does meanwhile, the table equals the truth row by row, the receipt is honest, no ban was
 * provoked, and nothing that was stored is fetched again.
 */
const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
/** The end of a month from its archive, two days from daily ones, some hours from REST. */
const MIXED: Range = { from: Date.UTC(2024, 4, 30), to: Date.UTC(2024, 5, 3, 3) };
const RECENT: Range = { from: Date.UTC(2024, 5, 19, 22), to: Date.UTC(2024, 5, 20, 2) };

let bench: TestBench;
beforeAll(async () => {
  bench = await startTestBench({ clockSkewMs: NOW - Date.now() });
});
afterAll(() => bench.close());
afterEach(() => bench.practice.setFaults([]));

async function expectTruth(key: string, range: Range): Promise<void> {
  bench.practice.setFaults([]);
  const { symbol, interval } = parseCandleSeriesKey(key)!;
  const stored = await bench.stored(key, range);
  const truth = await bench.truth(symbol, interval, range);
  expect(stored.rows).toBe(truth.length);
  for (let i = 0; i < truth.length; i++) expect(rowOf(stored, i)).toEqual(rowOfExchange(truth[i]!));
}

/** Requests for stored rows: files and pages. Where a series begins is asked for anew until it is known. */
const rowRequests = (): number =>
  bench.practice.requestsLog().filter(({ path }) => /\.zip$|\/klines\?.*&endTime=/.test(path)).length;

/** Backfills under `faults`, then again without them; `asked` is how many requests for candles the second run made. */
async function through(
  faults: readonly FaultRule[],
  key: string,
  range: Range,
): Promise<{ receipt: Receipt; again: Receipt; asked: number; bans: number }> {
  const logged = bench.practice.requestsLog().length;
  bench.practice.setFaults(faults);
  const receipt = await bench.backfill(key, range);
  const bans = bench.practice
    .requestsLog()
    .slice(logged)
    .filter(({ status }) => status === 418).length;
  bench.practice.setFaults([]);
  const before = rowRequests();
  const again = await bench.backfill(key, range);
  return { receipt, again, asked: rowRequests() - before, bans };
}

const everywhere = (effect: FaultRule['effect'], more: Partial<FaultRule> = {}): FaultRule => ({
  match: {},
  effect,
  ...more,
});
const storm = (status: number, probability = 0.4): FaultRule => everywhere('status', { status, probability });
const onKlines = (effect: FaultRule['effect'], more: Partial<FaultRule> = {}): FaultRule => ({
  match: { kind: 'klines' },
  effect,
  ...more,
});
const onArchives = (effect: FaultRule['effect'], more: Partial<FaultRule> = {}): FaultRule => ({
  match: { kind: 'archive' },
  effect,
  ...more,
});

/** Symbols that nothing else here uses, one a case. */
const SYMBOLS =
  'ETH BNB LTC ADA XRP TRX LINK DOGE SOL NEO QTUM XLM IOTA ONT ETC ICX VET ONG HOT ZIL FET ZRX BAT ZEC DASH ATOM ALGO CHZ'
    .split(' ')
    .map((coin) => `${coin}USDT`);

describe('weather that passes costs retries, never a candle:', () => {
  it.each<[string, FaultRule[]]>([
    ['a storm of 500', [storm(500)]],
    ['a storm of 502 with HTML', [storm(502)]],
    ['a storm of 503', [storm(503)]],
    ['connections that are reset', [everywhere('reset', { probability: 0.3 })]],
    ['bodies cut in the middle', [everywhere('cut_body', { probability: 0.3 })]],
    ['answers that are no JSON', [onKlines('wrong_json', { probability: 0.4 })]],
    ['gzip that cannot be unpacked', [onKlines('broken_gzip', { probability: 0.4 })]],
    ['HTML where JSON should be', [onKlines('html_body', { probability: 0.4 })]],
    [
      'everything at once',
      [storm(503, 0.1), everywhere('reset', { probability: 0.1 }), onKlines('wrong_json', { probability: 0.2 })],
    ],
  ])(
    '%s',
    async (_name, faults) => {
      const symbol = SYMBOLS.shift()!;
      const key = `binance:spot:${symbol}:1m`;
      const { receipt, again, asked, bans } = await through(faults, key, MIXED);
      // A storm may well outlast a page's tries; then the receipt says so and the next run asks for exactly the rest.
      const stored = receipt.series[0]!.stored;
      expect(stored + receipt.series[0]!.stillMissing).toBe(receipt.series[0]!.asked);
      expect(receipt.status).toBe(
        receipt.series[0]!.stillMissing === 0 ? 'complete' : stored === 0 ? 'failed' : 'partial',
      );
      expect(again).toMatchObject({ status: 'complete', series: [{ alreadyPresent: stored, stillMissing: 0 }] });
      if (receipt.status === 'complete') expect(asked).toBe(0);
      expect(bans).toBe(0);
      await expectTruth(key, MIXED);
    },
    300_000,
  );
});

describe('an archive that', () => {
  const checksum: FaultRule = { match: { kind: 'checksum' }, effect: 'bad_checksum' };
  const cases: [name: string, fault: FaultRule, finding: RegExp | null][] = [
    ['is not there although its day is published', onArchives('missing'), null],
    ['does not match its checksum', checksum, /SHA-256/],
    ['is cut', onArchives('truncated_zip'), /SHA-256|zip/],
    ['is no zip', onArchives('not_a_zip'), /SHA-256|zip/],
    ['lacks days', onArchives('lacks_day'), null],
    ['ends in the middle', onArchives('truncated_day'), null],
    ['is empty', onArchives('empty_file'), null],
    ['has every row twice', onArchives('duplicate_rows'), /duplicate/],
    ['has two candles for one minute', onArchives('conflicting_rows'), /second candle/],
    ['is not in order', onArchives('unsorted_rows'), /order/],
    ['has a row that is no candle', onArchives('ohlc_violation'), /contradict/],
    ['has a word in the place of a number', onArchives('not_a_number'), /no number/],
    ['was rewritten behind its checksum', onArchives('stale_checksum'), /SHA-256/],
  ];
  const items = cases.map(() => ({ key: `binance:spot:${SYMBOLS.shift()!}:1m`, range: MIXED }));
  let receipt: Receipt;
  let askedAgain: number;

  /** One job of all, each of another symbol. */
  beforeAll(async () => {
    bench.practice.setFaults(
      cases.map(([, { match, ...fault }], index) => {
        const { symbol } = parseCandleSeriesKey(items[index]!.key)!;
        return { ...fault, match: { ...match, symbol } };
      }),
    );
    const run = async () => (await bench.services.backfill.start({ items, source: 'auto' })).finished;
    receipt = await run();
    bench.practice.setFaults([]);
    const before = bench.practice.counters().candleRequests;
    expect((await run()).status).toBe('complete');
    askedAgain = bench.practice.counters().candleRequests - before;
  }, 180_000);

  it.each(cases.map(([name, , finding], index) => ({ name, finding, index })))(
    '$name gives a wrong row or costs one',
    async ({ finding, index }) => {
      const { stillMissing, findings } = receipt.series[index]!;
      expect([receipt.status, receipt.errors, stillMissing]).toEqual(['complete', [], 0]);
      if (finding) expect(findings.join('\n')).toMatch(finding);
      await expectTruth(items[index]!.key, MIXED);
    },
  );

  it('is as it should not be is asked for at every run', () => {
    expect(askedAgain).toBe(0);
  });
});

describe('limits:', () => {
  it('a 429 is waited out as it says, and provokes no ban', async () => {
    const key = 'binance:spot:AVAXUSDT:1m';
    const started = Date.now();
    const { receipt, bans } = await through(
      [onKlines('status', { status: 429, retryAfter: 1, times: 1 })],
      key,
      RECENT,
    );
    expect(receipt.status).toBe('complete');
    expect(receipt.retries).toBeGreaterThan(0);
    expect(Date.now() - started).toBeGreaterThanOrEqual(950);
    expect(bans).toBe(0);
    await expectTruth(key, RECENT);
  }, 60_000);

  it('a ban stops every request until it ends', async () => {
    const key = 'binance:spot:DOTUSDT:1m';
    const { receipt } = await through([onKlines('status', { status: 418, retryAfter: 2, times: 1 })], key, RECENT);
    expect(receipt.status).toBe('complete');
    expect(bench.practice.requestsLog().filter(({ status }) => status === 418)).toHaveLength(1);
    await expectTruth(key, RECENT);
  }, 60_000);

  it('a 429 and a ban right behind it make two refusals into many', async () => {
    const key = 'binance:spot:UNIUSDT:1m';
    const refusals = (): number =>
      bench.practice.requestsLog().filter(({ status }) => status === 418 || status === 429).length;
    const before = refusals();
    const { receipt, asked } = await through(
      [
        onKlines('status', { status: 429, retryAfter: 1, times: 1 }),
        onKlines('status', { status: 418, retryAfter: 2, times: 1 }),
      ],
      key,
      RECENT,
    );
    expect([receipt.status, receipt.errors, asked]).toEqual(['complete', [], 0]);
    expect(refusals() - before).toBe(2);
    await expectTruth(key, RECENT);
  }, 60_000);
});
