import { type CandleColumns, candleSeries, concatCandles, MINUTE_MS, SECOND_MS, tableName } from '@shared/market';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BinanceFetcher } from '../binance';
import { OUTAGES, type PracticeExchange, startPracticeExchange } from '../practice';
import { QuestDBLoader, QuestDBRecorder } from '../questdb';
import { startTestDatabase, type TestDatabase } from '../questdb/testing';
import { BinanceHistoryStrategy } from './binance-history-strategy';
import { Pipeline } from './pipeline';
import { type BacktestReport, Runner } from './runner';
import type { StreamInput } from './stream-input';

/** A stop of the exchange of a few hours lies in the middle of the run, so that a hole nobody can fill is part of it. */
const OUTAGE = OUTAGES.map((each) => each.minutes).find(
  ({ from, to }) => from > Date.UTC(2020, 0) && to > from && to - from < 300 * MINUTE_MS,
)!;
const FROM = OUTAGE.from - 1_500 * MINUTE_MS;
const LAST = OUTAGE.to + 700 * MINUTE_MS;
const NOW = LAST + 86_400_000;
const SERIES = [candleSeries('BTCUSDT', '1m'), candleSeries('ETHUSDT', '5m')] as const;

let database: TestDatabase;
let exchange: PracticeExchange;
const toClose: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  exchange = await startPracticeExchange({ now: () => NOW });
  database = await startTestDatabase();
});
afterAll(async () => {
  await Promise.all(toClose.map((each) => each.close()));
  await database?.close();
  await exchange?.close();
});

function strategyOf(): BinanceHistoryStrategy {
  const fetcher = new BinanceFetcher({ urls: [exchange.restUrl] });
  const strategy = new BinanceHistoryStrategy(SERIES, (series) => {
    const table = tableName(series);
    const historyProvider = new QuestDBLoader(database.address, { table, fetcher });
    const eventRecorder = new QuestDBRecorder(database.address, { table });
    toClose.push(historyProvider, eventRecorder);
    return { historyProvider, eventRecorder };
  });
  strategy.setup();
  return strategy;
}

/** Runs the strategy over the range and collects what left the identity nodes. */
async function backtest(strategy: BinanceHistoryStrategy) {
  const outputs = new Map<string, CandleColumns[]>();
  const reports: BacktestReport[] = [];
  await Runner.backtest(strategy, {
    startTime: new Date(FROM),
    endTime: LAST / SECOND_MS,
    onCandles: (node, candles) => outputs.set(node.name, [...(outputs.get(node.name) ?? []), candles]),
    onReport: (report) => reports.push(report),
  });
  const [report] = reports;
  return { report: report!, candles: SERIES.map((_, index) => concatCandles(outputs.get(identityName(index)) ?? [])) };
}

const identityName = (index: number): string =>
  `identity:${`binance:spot:${SERIES[index]!.symbol}:${SERIES[index]!.interval}`}`;

/** `[open time, close price]` of the exchange's own candles, without any code of ours in between. */
async function exchangeRows(symbol: string, interval: string): Promise<[number, number][]> {
  const rows: [number, number][] = [];
  for (let from = FROM; from <= LAST; ) {
    const query = `symbol=${symbol}&interval=${interval}&startTime=${from}&endTime=${LAST}&limit=1000`;
    const page = (await (await fetch(`${exchange.restUrl}/api/v3/klines?${query}`)).json()) as [number, ...string[]][];
    if (page.length === 0) break;
    rows.push(...page.map((row): [number, number] => [row[0], Number(row[4])]));
    from = rows.at(-1)![0] + 1;
  }
  return rows;
}

const query = (stream: StreamInput) => ({ nodeId: stream.nodeId, interval: stream.interval! });

describe('binance-history on a real database', () => {
  it('a stream is not bound to its loader and recorder, or to another table', () => {
    const strategy = strategyOf();
    const tables = strategy.streams().map((stream) => {
      const { historyProvider, eventRecorder } = stream;
      expect(historyProvider).toBeInstanceOf(QuestDBLoader);
      expect(eventRecorder).toBeInstanceOf(QuestDBRecorder);
      return [(historyProvider as QuestDBLoader).table, (eventRecorder as QuestDBRecorder).table];
    });
    expect(tables).toEqual(SERIES.map((series) => [tableName(series), tableName(series)]));
    const loader = new QuestDBLoader(database.address);
    toClose.push(loader);
    const [stream] = strategy.streams();
    loader.bindStream(stream!);
    expect(loader.table).toBe(stream!.nodeId);
  });

  it('a backtest leaves the table empty, invents bars in an outage, or feeds what it did not store', async () => {
    const strategy = strategyOf();
    const { report, candles } = await backtest(strategy);
    for (const [index, stream] of strategy.streams().entries()) {
      const { symbol, interval } = SERIES[index]!;
      const truth = await exchangeRows(symbol, interval);
      expect(truth.length).toBeGreaterThan(400);
      const fed = candles[index]!;
      expect([...fed.openTime].map((open, row) => [open, fed.close[row]])).toEqual(truth);
      const stored = await stream.historyProvider!.fetch(FROM / SECOND_MS, LAST / SECOND_MS + 1, query(stream));
      expect(stored!.map((row) => [row.ts * SECOND_MS, row.close])).toEqual(truth);
    }
    expect(report.bars).toBe(candles[0]!.rows + candles[1]!.rows);
    const minuteHoles = report.knownHoles.find((each) => each.stream === strategy.streams()[0])?.ranges;
    expect(minuteHoles).toEqual([[OUTAGE.from / SECOND_MS, (OUTAGE.to - MINUTE_MS) / SECOND_MS]]);

    const before = exchange.counters().requests.klines;
    const again = await backtest(strategyOf());
    expect(again.candles.map((each) => [...each.close])).toEqual(candles.map((each) => [...each.close]));
    expect(exchange.counters().requests.klines - before, 'only the holes are asked for again').toBeLessThanOrEqual(4);
  });

  it('fetch takes the bar at its end along, or coverage bridges a hole', async () => {
    const [stream] = strategyOf().streams();
    const provider = stream!.historyProvider!;
    const start = FROM / SECOND_MS;
    const rows = await provider.fetch(start + 60, start + 240, query(stream!));
    expect(rows!.map((row) => row.ts)).toEqual([start + 60, start + 120, start + 180]);
    expect(rows![0]).toMatchObject({ node_id: stream!.nodeId, interval: 60 });
    expect(typeof rows![0]!.open).toBe('number');
    expect(await provider.coverage(query(stream!))).toEqual([
      [start, OUTAGE.from / SECOND_MS - 60],
      [OUTAGE.to / SECOND_MS, LAST / SECOND_MS],
    ]);
    await stream!.loadHistory(start, start + 60 * 200);
    expect(stream!.cache.latest(stream!.nodeId, 60)).toMatchObject([start + 60 * 199, { close: expect.any(Number) }]);
    expect(stream!.cache.ready()).toBe(true);
  });

  it('a live event is not recorded, or cannot be read back', async () => {
    const strategy = strategyOf();
    const [stream] = strategy.streams();
    const ts = LAST / SECOND_MS + 60;
    const payload = {
      open: 1,
      high: 3,
      low: 1,
      close: 2,
      volume: 5,
      quote_volume: 10,
      trades: 4,
      taker_base: 2,
      taker_quote: 4,
    };
    new Pipeline(strategy.nodes).feed(stream!, ts, payload);
    await (stream!.eventRecorder as QuestDBRecorder).flush();
    const rows = await stream!.historyProvider!.fetch(ts, ts + 1, query(stream!));
    expect(rows).toMatchObject([{ ts, ...payload }]);
  });
});
