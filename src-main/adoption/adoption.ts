import { type AdoptionReport, AppError, type ForeignCandles } from '@shared/contract';
import { type CandleSeries, candleSeries, INTERVALS, MARKETS, seriesKey, tableName } from '@shared/market';
import { type CandleTable, candleTableOf, type ForeignStream } from '../questdb';
import { type AdoptionDeps, AdoptionRun, type AdoptOptions } from './adoption-run';
import { guessSeries, nodeIdsOf } from './guess-series';
import { fileOrigin, tableOrigin } from './origin';

export type { AdoptOptions };

/** Candles that other programs have stored: finding them in the database, and making them Tapemend's own. */
export class Adoption {
  constructor(private readonly deps: AdoptionDeps) {}

  /** Streams of candles that are not ours. `known`: series whose tables are ours, and whose node ids are recognised. */
  async foreign(known: readonly CandleSeries[]): Promise<ForeignCandles[]> {
    const byNodeId = nodeIdsOf(known);
    const streams = await this.deps.store.foreign.list(ownIn(known));
    return streams.map(({ isSinglePrecision: _, ...stream }) => {
      const guess = guessSeries(stream, byNodeId);
      return { ...stream, guess: guess && seriesKey(guess) };
    });
  }

  /**
   * Adopts one stream of a table; the only one with the interval of the series when no node id is given. Throws `usage.no_candles` and
   * `usage.which_stream`, and what `AdoptionRun` throws.
   */
  async table(
    { table, nodeId }: { table: string; nodeId?: string | undefined },
    series: CandleSeries,
    options: AdoptOptions,
  ): Promise<AdoptionReport> {
    const inTable = await this.deps.store.foreign.streamsOf(table, ownIn([series])(table));
    if (inTable.length === 0)
      throw new AppError(
        'usage.no_candles',
        `There are no rows of others in a table ${table} that could be adopted; tapemend adopt --list shows what there is.`,
        { table },
      );
    const named = inTable.filter((stream) => nodeId === undefined || stream.nodeId === nodeId);
    const fitting = named.filter(({ interval }) => interval === null || interval === series.interval);
    const [stream] = fitting;
    if (!stream || fitting.length > 1)
      throw new AppError(
        'usage.which_stream',
        `${table} has ${fitting.length === 0 ? 'no' : fitting.length} streams of ${series.interval} candles${nodeId === undefined ? '' : ` with the node id ${nodeId}`}; there are ${inTable.map(wordsOf).join(', ')}. Choose one by node id and interval.`,
        { table },
      );
    return AdoptionRun.of(series, tableOrigin(stream, this.deps.store.foreign), this.deps, options);
  }

  /** Adopts the candles of a CSV file. Throws `usage.no_file`, `usage.bad_file`, and what `AdoptionRun` throws. */
  async file(path: string, series: CandleSeries, options: AdoptOptions): Promise<AdoptionReport> {
    return AdoptionRun.of(series, await fileOrigin(path), this.deps, options);
  }
}

/** Which rows of a table are ours. */
function ownIn(known: readonly CandleSeries[]): (table: string) => CandleTable | null {
  const own = new Map(known.map((series) => [tableName(series), candleTableOf(series)]));
  return (table) => own.get(table) ?? ownByName(table);
}

function wordsOf({ nodeId, interval }: ForeignStream): string {
  return `${nodeId ?? 'no node id'} (${interval ?? 'no interval'})`;
}

/** Tables of series that are not followed any more have ours too: their names tell of which. */
function ownByName(table: string): CandleTable | null {
  const [, market, symbol] = /^binance_(spot|um|cm)_([a-z0-9_]+)_[a-z0-9]+$/.exec(table) ?? [];
  if (!market || !symbol) return null;
  const of = MARKETS.find((each) => each === market)!;
  const series = INTERVALS.map((interval) => candleSeries(symbol.toUpperCase(), interval, of));
  const found = series.find((each) => tableName(each) === table);
  return found ? candleTableOf(found) : null;
}
