import {
  type AdoptionReport,
  AppError,
  type CandleFile,
  type ForeignCandles,
  type ForeignTables,
} from '@shared/contract';
import { type CandleSeries, candleSeries, INTERVALS, MARKETS, seriesKey, tableName } from '@shared/market';
import { type AdoptedRows, type CandleTable, candleTableOf, type ForeignStream } from '../questdb';
import { type AdoptionDeps, AdoptionRun, type AdoptOptions, beforeReading } from './adoption-run';
import { CsvCandles } from './csv-candles';
import { guessSeries, nodeIdsOf } from './guess-series';
import { fileOrigin, isOfTable, requestOf, tableOrigin } from './origin';
import { capital } from './words';

export type { AdoptOptions };

/** Candles that other programs have stored: finding them in the database, and making them Tapemend's own. */
export class Adoption {
  constructor(private readonly deps: AdoptionDeps) {}

  /**
   * Streams of candles that are not ours, and tables that look like some and cannot be adopted. `known`: series whose tables are
   * ours, and whose node ids are recognised.
   */
  async foreign(known: readonly CandleSeries[]): Promise<ForeignTables> {
    const { streams, unfit } = await this.deps.store.foreign.list(ownIn(known));
    return {
      tables: await this.#told(streams, known),
      unfit: unfit.map(({ table, reason }) => ({ table, reason: `${capital(reason)}.` })),
    };
  }

  /** Tables of others that nothing was adopted from; those of `known` are not looked into, so that thousands cost nothing. */
  async suggested(known: readonly CandleSeries[]): Promise<string[]> {
    const { store } = this.deps;
    const likely = await store.foreign.likely(new Set(known.map((series) => tableName(series))));
    if (likely.length === 0) return [];
    const origins = (await store.adoptedRows()).map(({ origin }) => origin);
    return likely.filter((table) => !origins.some((origin) => isOfTable(origin, table)));
  }

  /** Streams of one table or view. Throws `usage.no_candles`. */
  async look(table: string, known: readonly CandleSeries[]): Promise<ForeignCandles[]> {
    return this.#told(await this.#streamsOf(table, known), known);
  }

  /** A CSV file, by its whole path. Throws `usage.no_file` and `usage.bad_file`. */
  async lookAtFile(path: string, signal?: AbortSignal): Promise<CandleFile> {
    const { file, interval, rows, first, last, lacking, sha256 } = await CsvCandles.open(path, signal);
    const name = file.replace(/\.[^.]*$/, '');
    const guess = guessSeries({ table: name, nodeId: null, interval }, new Map());
    const adopted = adoptedFrom(await this.deps.store.adoptedRows(), sha256);
    return { file: path, interval, rows, first, last, lacking, guess: guess && seriesKey(guess), adopted };
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
    const inTable = await this.#streamsOf(table, [series]);
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
    return AdoptionRun.of(series, await fileOrigin(path, beforeReading(options)), this.deps, options);
  }

  async #streamsOf(table: string, known: readonly CandleSeries[]): Promise<ForeignStream[]> {
    const { streams, unfit } = await this.deps.store.foreign.look(table, ownIn(known)(table));
    if (streams.length > 0) return streams;
    throw new AppError(
      'usage.no_candles',
      unfit === null
        ? `There are no rows of others in a table ${table} that could be adopted; the list of tables shows what there is.`
        : `The table ${table} cannot be adopted: ${unfit}.`,
      { table },
    );
  }

  async #told(streams: readonly ForeignStream[], known: readonly CandleSeries[]): Promise<ForeignCandles[]> {
    if (streams.length === 0) return [];
    const byNodeId = nodeIdsOf(known);
    const adopted = await this.deps.store.adoptedRows();
    return streams.map((stream) => {
      const { isSinglePrecision: _, symbol: __, ...told } = stream;
      const guess = guessSeries(stream, byNodeId);
      return { ...told, guess: guess && seriesKey(guess), adopted: adoptedFrom(adopted, requestOf(stream)) };
    });
  }
}

function adoptedFrom(rows: readonly AdoptedRows[], origin: string): ForeignCandles['adopted'] {
  return rows.filter((each) => each.origin === origin).map(({ key, rows }) => ({ key, rows }));
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
