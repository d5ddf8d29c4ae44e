import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Receipt, SourceChoice } from '@shared/contract';
import { type CandleColumns, concatCandles, parseCandleSeriesKey, type Range } from '@shared/market';
import type { Metrics } from '../metrics';
import { type PracticeExchange, type PracticeOptions, startPracticeExchange } from '../practice';
import { Services } from './services';
import { loadSettings, type Settings } from './settings';

/** A workspace with services on a real QuestDB and a practice exchange that the test commands. */
export interface TestBench {
  workspace: string;
  practice: PracticeExchange;
  services: Services;
  settings: Settings;
  backfill(key: string, range: Range, source?: SourceChoice): Promise<Receipt>;
  stored(key: string, range: Range): Promise<CandleColumns>;
  /** What the exchange's REST serves, page by page, as rows of strings and numbers. */
  truth(symbol: string, interval: string, range: Range): Promise<(string | number)[][]>;
  close(): Promise<void>;
}

export async function startTestBench(options: PracticeOptions = {}, metrics?: Metrics): Promise<TestBench> {
  const workspace = mkdtempSync(join(tmpdir(), 'tapemend-core-'));
  const practice = await startPracticeExchange(options);
  const settings = settingsFor(workspace, practice);
  const services = await Services.open({ workspace, settings, practice: false, ...(metrics ? { metrics } : {}) });
  await services.exchange.syncClock('spot');
  return {
    workspace,
    practice,
    services,
    settings,
    backfill: async (key, range, source = 'auto') =>
      (await services.backfill.start({ items: [{ key, range }], source })).finished,
    async stored(key, range) {
      const parts: CandleColumns[] = [];
      for await (const part of services.store.readCandles(parseCandleSeriesKey(key)!, range)) parts.push(part);
      return concatCandles(parts);
    },
    truth: (symbol, interval, range) => readTruth(practice.restUrl, symbol, interval, range),
    async close() {
      await services.close();
      await practice.close();
      rmSync(workspace, { recursive: true, force: true });
    },
  };
}

export function settingsFor(
  workspace: string,
  practice: Pick<PracticeExchange, 'archiveListUrl' | 'archiveUrl' | 'restUrl' | 'streamUrl'>,
): Settings {
  return loadSettings({
    workspace,
    env: {
      TAPEMEND_BINANCE_SPOT_REST_URL: practice.restUrl,
      TAPEMEND_BINANCE_UM_REST_URL: practice.restUrl,
      TAPEMEND_BINANCE_CM_REST_URL: practice.restUrl,
      TAPEMEND_BINANCE_SPOT_STREAM_URL: practice.streamUrl,
      TAPEMEND_BINANCE_ARCHIVE_URL: practice.archiveUrl,
      TAPEMEND_BINANCE_ARCHIVE_LIST_URL: practice.archiveListUrl,
      TAPEMEND_WEIGHT_SHARE: '1',
      TAPEMEND_QUESTDB_JAR: process.env.TAPEMEND_QUESTDB_JAR,
    },
  });
}

/** What a practice exchange serves over REST, page by page, as rows of strings and numbers. */
export async function readTruth(
  restUrl: string,
  symbol: string,
  interval: string,
  range: Range,
): Promise<(string | number)[][]> {
  const rows: (string | number)[][] = [];
  for (let from = range.from; from < range.to; ) {
    const query = `symbol=${symbol}&interval=${interval}&startTime=${from}&endTime=${range.to - 1}&limit=1000`;
    const page = (await (await fetch(`${restUrl}/api/v3/klines?${query}`)).json()) as (string | number)[][];
    rows.push(...page);
    if (page.length < 1000) break;
    from = Number(page[page.length - 1]![0]) + 1;
  }
  return rows;
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
