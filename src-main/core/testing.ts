import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Receipt, SourceChoice } from '@shared/contract';
import {
  type CandleColumns,
  type CandleSeries,
  concatCandles,
  intervalMs,
  type Market,
  parseCandleSeriesKey,
  type Range,
} from '@shared/market';
import type { Metrics } from '../metrics';
import {
  environmentOf,
  type PracticeExchange,
  type PracticeOptions,
  type PracticeUrls,
  startPracticeExchange,
} from '../practice';
import type { QuestDbStore } from '../questdb';
import { Services, type ServicesOptions } from './services';
import { loadSettings, type Settings } from './settings';

/** A storm is a share of the requests, not of the time: shorter pauses (500 ms otherwise) meet the same failures. */
const FIRST_RETRY_MS = 40;

/** A workspace with services on a real QuestDB and a practice exchange that the test commands. */
export interface TestBench {
  workspace: string;
  practice: PracticeExchange;
  services: Services;
  settings: Settings;
  backfill(key: string, range: Range, source?: SourceChoice): Promise<Receipt>;
  stored(key: string, range: Range): Promise<CandleColumns>;
  /** What the exchange's REST serves of spot, as rows of strings and numbers. */
  truth(symbol: string, interval: string, range: Range): Promise<(string | number)[][]>;
  /** How what is stored differs from what the exchange's REST serves; empty when it is the same, row by row. */
  differences(key: string, range: Range): Promise<string[]>;
  close(): Promise<void>;
}

export async function startTestBench(
  options: PracticeOptions = {},
  metrics?: Metrics,
  other: Partial<Settings> = {},
  more: Partial<ServicesOptions> = {},
): Promise<TestBench> {
  const workspace = mkdtempSync(join(tmpdir(), 'tapemend-core-'));
  const practice = await startPracticeExchange(options);
  const settings = { ...settingsFor(workspace, practice), ...other };
  const services = await Services.open({
    workspace,
    settings,
    practice: false,
    ...(metrics ? { metrics } : {}),
    ...more,
    patience: { firstRetryMs: FIRST_RETRY_MS, ...more.patience },
  });
  await services.exchange.syncClock('spot');
  return {
    workspace,
    practice,
    services,
    settings,
    backfill: async (key, range, source = 'auto') =>
      (await services.backfill.start({ items: [{ key, range }], source })).finished,
    stored: (key, range) => readStored(services.store, parseCandleSeriesKey(key)!, range),
    truth: (symbol, interval, range) =>
      readTruth(practice.restUrl, parseCandleSeriesKey(`binance:spot:${symbol}:${interval}`)!, range),
    async differences(key, range) {
      const series = parseCandleSeriesKey(key)!;
      return differences(
        await readStored(services.store, series, range),
        await readTruth(practice.restUrl, series, range),
      );
    },
    async close() {
      await services.close();
      await practice.close();
      rmSync(workspace, { recursive: true, force: true });
    },
  };
}

export function settingsFor(workspace: string, practice: PracticeUrls): Settings {
  return loadSettings({
    workspace,
    env: {
      ...environmentOf(practice),
      TAPEMEND_WEIGHT_SHARE: '1',
      TAPEMEND_QUESTDB_JAR: process.env.TAPEMEND_QUESTDB_JAR,
    },
  });
}

const KLINES_PATH: Record<Market, string> = { spot: '/api/v3', um: '/fapi/v1', cm: '/dapi/v1' };
/** No market cuts a window of so many bars. */
const TRUTH_BARS = 1_000;

/** What the exchange serves over REST of a series whose bars have one length, in rows of strings and numbers. */
export async function readTruth(restUrl: string, series: CandleSeries, range: Range): Promise<(string | number)[][]> {
  const { market, symbol, interval } = series;
  const step = TRUTH_BARS * intervalMs(interval);
  const rows: (string | number)[][] = [];
  for (let from = range.from; from < range.to; from += step) {
    const query = `symbol=${symbol}&interval=${interval}&startTime=${from}&endTime=${Math.min(range.to, from + step) - 1}&limit=${TRUTH_BARS}`;
    const response = await fetch(`${restUrl}${KLINES_PATH[market]}/klines?${query}`);
    if (response.status !== 200) throw new Error(`the truth cannot be had: ${response.status} for ${query}`);
    rows.push(...((await response.json()) as (string | number)[][]));
  }
  return rows;
}

/** Candles of a store as columns. */
export async function readStored(store: QuestDbStore, series: CandleSeries, range: Range): Promise<CandleColumns> {
  const parts: CandleColumns[] = [];
  for await (const part of store.readCandles(series, range)) parts.push(part);
  return concatCandles(parts);
}

/** How stored candles differ from the exchange's rows, value by value, in words; empty when they are the same rows. */
export function differences(stored: CandleColumns, truth: readonly (string | number)[][]): string[] {
  const found: string[] = [];
  if (stored.rows !== truth.length) found.push(`${stored.rows} rows are stored, the exchange has ${truth.length}`);
  for (let i = 0; i < Math.min(stored.rows, truth.length) && found.length < 3; i++) {
    const [is, shouldBe] = [rowOf(stored, i), rowOfExchange(truth[i]!)];
    if (is.some((value, at) => value !== shouldBe[at])) found.push(`row ${i} is ${is}, the exchange has ${shouldBe}`);
  }
  return found;
}

/** The row of a table as the exchange writes it, for comparing value by value. */
export function rowOf(candles: CandleColumns, index: number): number[] {
  return [
    candles.openTime[index]!,
    candles.open[index]!,
    candles.high[index]!,
    candles.low[index]!,
    candles.close[index]!,
    candles.volume[index]!,
    candles.quoteVolume[index]!,
    candles.trades[index]!,
    candles.takerBase[index]!,
    candles.takerQuote[index]!,
  ];
}

/** The same ten values of an exchange's row. */
export function rowOfExchange(row: readonly (string | number)[]): number[] {
  return [0, 1, 2, 3, 4, 5, 7, 8, 9, 10].map((column) => Number(row[column]));
}
