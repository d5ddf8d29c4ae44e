import { AppError } from '@shared/contract';
import {
  alignRange,
  type CandleColumns,
  type CandleSeries,
  concatCandles,
  type Grid,
  intersectRanges,
  lowerBound,
  type Range,
  sliceCandles,
} from '@shared/market';
import { type ExchangeAccess, planPages } from '../backfill';
import { archiveRange, periodOfFileName, readKlineArchive } from '../binance';
import { diffRows } from '../provenance';
import { FIELD_WORDS, isCandleField } from './candle-fields';
import { bounded, type Observation } from './observation';
import { RunCollector } from './run-collector';

export interface SourceCheck {
  /** Stored candles that the source was asked about. */
  compared: number;
  different: number;
  observations: Observation[];
  /** Files that could not be had or trusted, in sentences; nothing is concluded from them. */
  failures: string[];
}

export interface SourceCheckDeps {
  exchange: ExchangeAccess;
  readCandles(series: CandleSeries, range: Range): AsyncIterable<CandleColumns>;
}

export interface SourceCheckOptions {
  series: CandleSeries;
  grid: Grid;
  /** Stored runs of bars that are held against the source. */
  present: readonly Range[];
  signal: AbortSignal;
  onBars: (bars: number) => void;
}

/** Asks REST for everything that is stored, and tells what differs. Costs weight; stops at a source that is away. */
export async function compareWithRest(deps: SourceCheckDeps, options: SourceCheckOptions): Promise<SourceCheck> {
  const { series, grid, present, signal } = options;
  const differences = new Differences(grid, 'REST');
  for (const range of present) {
    const pages = deps.exchange
      .rest(series.market)
      .klines({ symbol: series.symbol, interval: series.interval, range }, { signal });
    for await (const page of pages) {
      const settled = intersectRanges([range], [alignRange(grid, page.settled)]);
      for (const part of settled) {
        differences.add(await stored(deps, series, part), between(page.candles, part));
        options.onBars(differences.compared);
      }
    }
  }
  return differences.finish();
}

/** Downloads every archive file that holds stored bars, and tells what differs from it. */
export async function compareWithArchive(deps: SourceCheckDeps, options: SourceCheckOptions): Promise<SourceCheck> {
  const { series, grid, present, signal } = options;
  const { exchange } = deps;
  const differences = new Differences(grid, 'the archive');
  const pages = planPages(series, grid, present, { source: 'archive', now: exchange.now() });
  for (const page of pages) {
    const period = page.file === null ? null : periodOfFileName(page.file);
    if (period === null) continue;
    try {
      const { market, symbol, interval } = series;
      const answer = await exchange.archives.download({ market, symbol, interval, period }, { signal });
      if (answer.kind !== 'file') {
        differences.fail(`${answer.file} is not published.`);
        continue;
      }
      const { zip, checksum, file } = answer;
      const range = archiveRange(period);
      const content = await readKlineArchive({ zip, checksum, file, symbol, interval, range });
      for (const part of intersectRanges(present, [range]))
        differences.add(await stored(deps, series, part), between(content.candles, part));
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('archive.')) throw error;
      if (error.code === 'archive.unreachable' || error.code === 'archive.unavailable') throw error;
      differences.fail(error.message);
    }
    options.onBars(differences.compared);
  }
  return differences.finish();
}

class Differences {
  compared = 0;
  readonly #runs: RunCollector;
  readonly #failures: string[] = [];
  #different = 0;

  constructor(grid: Grid, source: string) {
    this.#runs = new RunCollector(grid, 'source_difference', (count, word, where) => {
      const candles = count === 1 ? 'A stored candle' : `${count.toLocaleString('en')} stored candles`;
      if (word === ADDED)
        return `${source} has ${count === 1 ? 'a candle' : `${count.toLocaleString('en')} candles`} ${where} that ${count === 1 ? 'is' : 'are'} not stored.`;
      if (word === REMOVED) return `${candles} ${where} ${count === 1 ? 'does' : 'do'} not exist at ${source}.`;
      return `${candles} ${where} ${count === 1 ? 'differs' : 'differ'} from ${source} in ${word}.`;
    });
  }

  add(old: CandleColumns, fresh: CandleColumns): void {
    const diff = diffRows(old, fresh);
    this.compared += old.rows;
    this.#different += diff.added.length + diff.removed.length + diff.changed.length;
    const told = [
      ...diff.added.map((time) => ({ time, word: ADDED, example: { openTime: time } as unknown })),
      ...diff.removed.map((time) => ({ time, word: REMOVED, example: { openTime: time } as unknown })),
      ...diff.changed.map((change) => ({
        time: change.openTime,
        word: change.fields.map(({ field }) => (isCandleField(field) ? FIELD_WORDS[field] : field)).join(', '),
        example: change as unknown,
      })),
    ].sort((a, b) => a.time - b.time);
    for (const { time, word, example } of told) this.#runs.add(time, word, example);
  }

  fail(sentence: string): void {
    this.#failures.push(sentence);
  }

  finish(): SourceCheck {
    return {
      compared: this.compared,
      different: this.#different,
      observations: bounded(this.#runs.finish()),
      failures: this.#failures,
    };
  }
}

const ADDED = 'added';
const REMOVED = 'removed';

async function stored(deps: SourceCheckDeps, series: CandleSeries, range: Range): Promise<CandleColumns> {
  const parts: CandleColumns[] = [];
  for await (const part of deps.readCandles(series, range)) parts.push(part);
  return concatCandles(parts);
}

function between(candles: CandleColumns, { from, to }: Range): CandleColumns {
  return sliceCandles(candles, lowerBound(candles, from), lowerBound(candles, to));
}
