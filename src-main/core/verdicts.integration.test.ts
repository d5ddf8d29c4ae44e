import { parseCandleSeriesKey, parseStoredSeriesKey, type Range } from '@shared/market';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startTestBench, type TestBench } from './testing';

const at = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);
const between = (from: string, to: string): Range => ({ from: at(from), to: at(to) });
const keyOf = (symbol: string, interval = '1h') => `binance:spot:${symbol}:${interval}`;

let bench: TestBench;

beforeAll(async () => {
  bench = await startTestBench({ clockSkewMs: Date.UTC(2025, 3, 15) - Date.now(), weightLimit: 1e9 });
});
afterEach(() => bench.practice.setFaults([]));
afterAll(() => bench.close());

async function verdicts(symbol: string, range: Range, interval = '1h'): Promise<string[]> {
  const { spans } = await bench.services.coverage.report(parseCandleSeriesKey(keyOf(symbol, interval))!, range);
  return spans.map(({ verdict, bars }) => `${verdict} ${bars}`);
}

const explain = (symbol: string, time: number) =>
  bench.services.coverage.explain(parseCandleSeriesKey(keyOf(symbol))!, time);

it('a symbol that stood still by itself reads like any other hole, or goes on so when others turn out to have traded', async () => {
  // LUNAUSDT stopped on 2022-05-13 00:40 and came back on 05-31 06:00.
  const range = between('2022-05-12', '2022-06-01');
  const halt = between('2022-05-13 01:00', '2022-05-31 06:00');
  await bench.backfill(keyOf('LUNAUSDT'), range, 'rest');
  expect(await verdicts('LUNAUSDT', range)).toEqual(['present 25', 'confirmed_absent 437', 'present 18']);
  const before = (await bench.services.coverage.summary(parseCandleSeriesKey(keyOf('LUNAUSDT'))!)).revision;

  for (const symbol of ['BTCUSDT', 'ETHUSDT']) await bench.backfill(keyOf(symbol), range, 'rest');
  expect((await verdicts('LUNAUSDT', range))[1]).toBe('confirmed_absent 437');
  await bench.backfill(keyOf('BNBUSDT'), range, 'rest');
  await expect
    .poll(async () => (await bench.services.coverage.summary(parseCandleSeriesKey(keyOf('LUNAUSDT'))!)).revision)
    .toBeGreaterThan(before);
  expect((await verdicts('LUNAUSDT', range))[1]).toBe('symbol_halt 437');
  const { span } = await explain('LUNAUSDT', halt.from);
  expect(span).toMatchObject({ ...halt, verdict: 'symbol_halt' });
  expect(span.proofs).toMatchObject([
    { kind: 'peers', asked: 3, lacking: 0, havingSymbols: ['BNBUSDT', 'BTCUSDT', 'ETHUSDT'] },
    { kind: 'asked', source: 'rest', outcome: 'answered', file: null, absent: 437 },
  ]);
  expect(span.evidence[0]).toMatch(/^0 of 3 other symbols of spot 1h/);

  const receipt = await bench.backfill(keyOf('LUNAUSDT'), range, 'rest');
  expect(receipt).toMatchObject({ requests: 0, status: 'complete_with_explained_gaps' });
  expect(receipt.series[0]!.gaps[0]).toMatchObject({ verdict: 'symbol_halt', proofs: [{ kind: 'peers' }, {}] });
});

it('trade ids that run on across a hole are not taken as a proof that nothing was traded', async () => {
  const hole = between('2022-09-27 03:00', '2023-03-10 06:00');
  const range = between('2022-09-27', '2023-03-11');
  await bench.backfill(keyOf('USDCUSDT', '12h'), range, 'rest');
  const missing = async () => (await verdicts('USDCUSDT', range, '12h'))[1];
  expect(await missing()).toBe('confirmed_absent 327');
  const trades = 'binance:spot:USDCUSDT:aggTrade';
  const half = 30 * 60_000;
  for (const minutes of [
    { from: hole.from - half, to: hole.from },
    { from: hole.to, to: hole.to + half },
  ])
    await bench.backfill(trades, minutes, 'rest');
  expect(await missing()).toBe('symbol_halt 327');
  const { span } = await bench.services.coverage.explain(
    parseStoredSeriesKey(keyOf('USDCUSDT', '12h'))!,
    at('2022-10-01'),
  );
  const proof = span.proofs!.find(({ kind }) => kind === 'trade_ids');
  expect(proof).toMatchObject({ continuous: true });
});

it('candles without trades are not counted while they are stored, or otherwise than by reading them', async () => {
  const key = keyOf('USDCUSDT', '1m');
  const range = between('2022-03-01', '2022-03-03');
  await bench.backfill(key, range, 'rest');
  const { trades, rows } = await bench.stored(key, range);
  const flat = trades.subarray(0, rows).filter((count) => count === 0).length;
  expect(flat).toBeGreaterThan(20);
  const series = parseCandleSeriesKey(key)!;
  const { coverage } = bench.services;
  expect((await coverage.summary(series)).flat).toBe(flat);
  await coverage.refresh(series);
  expect((await coverage.summary(series)).flat).toBe(flat);
  expect(await coverage.flat(series, range)).toBe(flat);
});

it('a stop that every series shows has to be explained gap by gap, or goes on explaining when it is withdrawn', async () => {
  const { outages, coverage } = bench.services;
  const symbols = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'XRPUSDT'];
  const range = between('2024-03-04', '2024-03-07');
  const stop = between('2024-03-05', '2024-03-06');
  bench.practice.setFaults([{ match: { kind: 'klines' }, effect: 'lacks_day', day: '2024-03-05' }]);
  for (const symbol of symbols.slice(0, 2)) await bench.backfill(keyOf(symbol), range, 'rest');
  expect(await outages.proposals()).toEqual([]);
  for (const symbol of symbols.slice(2)) await bench.backfill(keyOf(symbol), range, 'rest');
  expect(await verdicts('ETHUSDT', range)).toEqual(['present 24', 'confirmed_absent 24', 'present 24']);

  const proposals = await outages.proposals();
  expect(proposals).toMatchObject([
    { market: 'spot', ...stop, evidence: { interval: '1h', asked: 4, lacking: 4, havingSymbols: [], flatsBefore: 0 } },
  ]);
  const { id } = proposals[0]!;
  expect((await outages.dismiss(id)).id).toBe(id);
  expect(await outages.proposals()).toEqual([]);

  const version = outages.list().version;
  const entry = await outages.accept(id, 'the whole day');
  expect(entry).toMatchObject({ id, origin: 'own', ...stop, sources: 4, remark: 'the whole day' });
  expect(outages.list().version).not.toBe(version);
  for (const symbol of symbols) expect((await verdicts(symbol, range))[1]).toBe('exchange_outage 24');
  const { span } = await explain('XRPUSDT', stop.from);
  expect(span.proofs![0]).toMatchObject({ kind: 'catalogue', entry: id, origin: 'own', sources: 4 });
  expect(span.evidence[0]).toMatch(/own entry .* which 4 symbols here lacked, the whole day/);
  expect((await coverage.wanted(parseCandleSeriesKey(keyOf('XRPUSDT'))!, range)).wanted).toEqual([]);

  await outages.withdraw(id);
  expect((await verdicts('BTCUSDT', range))[1]).toBe('confirmed_absent 24');
  await expect(outages.withdraw(id)).rejects.toThrow(/no entry/);
  expect(await outages.proposals()).toMatchObject([{ id }]);
  expect(await outages.adopt([entry])).toBe(1);
  expect(await outages.adopt([entry])).toBe(0);
  expect((await verdicts('BTCUSDT', range))[1]).toBe('exchange_outage 24');
  await outages.withdraw(id);
});
