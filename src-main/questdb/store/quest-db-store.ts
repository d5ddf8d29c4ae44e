import { AppError, type Finding, type FindingState } from '@shared/contract';
import {
  type CandleColumns,
  type CandleSeries,
  type Grid,
  intervalMs,
  type Range,
  type Series,
  type TradeColumns,
  tableName,
} from '@shared/market';
import type { QuestDbAddress } from '../address';
import { bucketFor, type ReadOptions, readBuckets, readCandles } from './candle-reader';
import { candleTableOf, ownRows } from './candle-table';
import { readOverview, type TableOverview, tableVersion, tableVersions } from './catalogue';
import {
  countFlat,
  EMPTY_CONTENT,
  readContent,
  readLastTraded,
  readPresentAmong,
  type SeriesContent,
  type StoredAmong,
} from './content';
import { timed, timedBatches } from './database-time';
import { type DeleteOptions, type DeleteTools, deleteRows, recoverDeletes } from './delete-rows';
import { ensureCandleTable } from './ensure-candle-table';
import { appendFindings, FINDINGS_TABLE, readFindings, writeFindings } from './findings';
import { ForeignTables } from './foreign-tables';
import { IlpWriter, type IlpWriterOptions } from './ilp-writer';
import {
  type AdoptedRows,
  appendLedger,
  countAdopted,
  countLedger,
  LEDGER_TABLE,
  type LedgerCount,
  type LedgerEntry,
  readLedger,
} from './ledger';
import { appendOutages, OUTAGES_TABLE, type OutageDecision, readOutages } from './outages';
import {
  dropSaved,
  type KeptBatch,
  readKeptBatches,
  readSavedRanges,
  restoreRows,
  type SavedRange,
  savedBatches,
  saveRows,
  UNDO_TABLE,
} from './saved-rows';
import { seriesTableOf } from './series-table';
import { settleTable } from './settle-table';
import { type AddressSource, SqlClient, type SqlValue, timestampText } from './sql-client';
import { STATEMENTS } from './statements';
import { createOrExtend, ensureTable } from './table-shape';
import { dropTorn } from './torn-table';
import { readTrackedSeries, SERIES_TABLE, trackSeries } from './tracked-series';
import {
  readTradeContent,
  readTradeParts,
  readTrades,
  readTradesAround,
  type TradeContent,
  type TradePart,
  type TradesAround,
} from './trade-reader';
import { tradeTableOf, tradeTableStatement } from './trade-table';

export interface StoreOptions extends IlpWriterOptions {
  now?: () => number;
  /** Findings were added, or changed their state. */
  onFindings?: () => void;
  logger?: { warn(fields: object, message: string): void };
}

/** The data in QuestDB: candles, ledger, followed series. Expected failures are `AppError`s with codes `questdb.…`. */
export class QuestDbStore {
  /** Candles of others in the same database. */
  readonly foreign: ForeignTables;
  readonly #address: AddressSource;
  readonly #sql: SqlClient;
  readonly #options: StoreOptions;
  readonly #tools: DeleteTools;

  /** `address` may be a function when the server can come back elsewhere. */
  constructor(address: QuestDbAddress | AddressSource, options: StoreOptions = {}) {
    this.#address = typeof address === 'function' ? address : () => address;
    this.#sql = new SqlClient(this.#address, {}, options.metrics);
    this.#options = options;
    this.foreign = new ForeignTables(this.#sql, this.#address);
    this.#tools = { sql: this.#sql, settle: (table) => this.settleTable(table) };
  }

  /**
   * Creates Tapemend's own tables; those of an older Tapemend get the columns they lack, and those whose making a kill cut off are
   * made anew.
   */
  async ensureSchema(): Promise<void> {
    const tables = [
      [LEDGER_TABLE, STATEMENTS['010_tapemend_ledger.sql']],
      [SERIES_TABLE, STATEMENTS['011_tapemend_series.sql']],
      [FINDINGS_TABLE, STATEMENTS['012_tapemend_findings.sql']],
      [UNDO_TABLE, STATEMENTS['013_tapemend_undo.sql']],
      [OUTAGES_TABLE, STATEMENTS['014_tapemend_outages.sql']],
    ] as const;
    let altered = false;
    for (const [name, statement] of tables) {
      altered = (await createOrExtend(this.#sql, name, statement)) || altered;
      if (!(await dropTorn(this.#sql, name))) continue;
      await createOrExtend(this.#sql, name, statement);
      altered = true;
    }
    if (altered) this.#sql.reconnect();
  }

  /** Creates the series' table if it is absent; `questdb.schema` when there is one of another shape. */
  ensureCandleTable(series: CandleSeries): Promise<void> {
    return ensureCandleTable(this.#sql, candleTableOf(series));
  }

  /** Creates the table of aggregate trades if it is absent; `questdb.schema` when there is one of another shape. */
  async ensureTradeTable(series: Series): Promise<void> {
    const { table } = tradeTableOf(series);
    await ensureTable(this.#sql, table, tradeTableStatement(table), 'trade');
  }

  /**
   * Drops a table of the series that can be read but takes no rows, because a kill cut its making off (`questdb.torn_table`). One that
   * holds rows is left alone.
   */
  async dropTornTable(series: Series): Promise<void> {
    await dropTorn(this.#sql, tableName(series));
  }

  /** One request of whole lines on a connection of its own; for more than a few, `openWriter`. */
  async writeLines(body: Uint8Array, signal?: AbortSignal): Promise<void> {
    const writer = this.openWriter();
    try {
      await writer.writeLines(body, signal);
    } finally {
      writer.close();
    }
  }

  /** A keep-alive connection for a job (at most about 100 tables); the caller closes it. Trades are written with `us`. */
  openWriter(precision: 'ms' | 'us' = 'ms'): IlpWriter {
    return new IlpWriter(this.#address, { ...this.#options, precision });
  }

  /**
   * Resolves when everything acknowledged can be read. A suspended table (after a full disk) is resumed once;
   * `questdb.suspended` when it is suspended again.
   */
  async settle(series: Series): Promise<void> {
    await this.settleTable(tableName(series));
  }

  settleTable(table: string): Promise<void> {
    return settleTable(this.#sql, table, this.#options.logger);
  }

  /** The stored bars of a series; empty when it has no table. Call `settle` first to see what was just written. */
  async content(series: CandleSeries, grid: Grid, range?: Range): Promise<SeriesContent> {
    const read = () => readContent(this.#address, candleTableOf(series), grid, range);
    return orWithoutTable(timed('read', this.#options.metrics, read), EMPTY_CONTENT);
  }

  /** What is stored of and around these runs of bars (normal ranges), the runs themselves when all of them is. See `content`. */
  async presentAmong(series: CandleSeries, grid: Grid, runs: readonly Range[]): Promise<StoredAmong> {
    const nothing = { present: [], flat: 0 };
    return orWithoutTable(readPresentAmong(this.#sql, this.#address, candleTableOf(series), grid, runs), nothing);
  }

  /**
   * Text that changes with every write to the series' table and when it is made anew; null without a table. Read it before
   * the content that it shall stand for.
   */
  contentVersion(series: Series): Promise<string | null> {
    return tableVersion(this.#sql, tableName(series));
  }

  /** All tables but Tapemend's own and QuestDB's, in one query. */
  tablesOverview(): Promise<Map<string, TableOverview>> {
    return readOverview(this.#sql);
  }

  /** Versions (as of `contentVersion`) of all tables by name, of the ledger and of the findings: what other programs wrote shows here. */
  async tableVersions(): Promise<{ tables: Map<string, string>; ledger: string | null; findings: string | null }> {
    const tables = await tableVersions(this.#sql);
    return { tables, ledger: tables.get(LEDGER_TABLE) ?? null, findings: tables.get(FINDINGS_TABLE) ?? null };
  }

  async countRows(series: Series, range: Range): Promise<number> {
    const { table, own } = seriesTableOf(series);
    const counted = this.query<{ n: number }>(
      `SELECT count() n FROM "${table}" WHERE ${own}
        AND timestamp >= '${timestampText(range.from)}' AND timestamp < '${timestampText(range.to)}'`,
    );
    return (await orWithoutTable(counted, []))[0]?.n ?? 0;
  }

  /** Stored candles of the range in which nothing was traded. */
  countFlat(series: CandleSeries, range: Range): Promise<number> {
    return orWithoutTable(countFlat(this.#sql, candleTableOf(series), range), 0);
  }

  /** Open of the last stored candle before `time` in which something was traded; null when there is none. */
  lastTradedCandle(series: CandleSeries, time: number): Promise<number | null> {
    return orWithoutTable(readLastTraded(this.#sql, candleTableOf(series), time), null);
  }

  /** The stored aggregate trades next to a moment: the last before it, the first at or behind it (epoch ms). */
  tradesAround(series: Series, time: number): Promise<TradesAround> {
    return orWithoutTable(readTradesAround(this.#sql, tradeTableOf(series), time), { before: null, after: null });
  }

  /** Stored candles of the half-open range, ascending; none without a table. Not pulling pauses the server. */
  readCandles(series: CandleSeries, range: Range, options: ReadOptions = {}): AsyncGenerator<CandleColumns> {
    const batches = readCandles(this.#address, candleTableOf(series), range, options);
    return orNothing(timedBatches(this.#options.metrics, batches));
  }

  /** Like `readCandles`, aggregated into calendar buckets so that at most `maxBars` candles come. */
  async *readAggregated(
    series: CandleSeries,
    range: Range,
    maxBars: number,
    options: ReadOptions = {},
  ): AsyncGenerator<CandleColumns> {
    const extent = await this.#extent(series, range);
    if (!extent) return;
    const bucket = bucketFor(extent, intervalMs(series.interval), maxBars);
    const batches = bucket
      ? readBuckets(this.#address, candleTableOf(series), extent, bucket, options.signal)
      : readCandles(this.#address, candleTableOf(series), extent, options);
    yield* timedBatches(this.#options.metrics, batches);
  }

  /** Stored aggregate trades of the half-open range (ms), ascending; none without a table. Not pulling pauses the server. */
  async *readTrades(series: Series, range: Range, options: ReadOptions = {}): AsyncGenerator<TradeColumns> {
    yield* orNothing(readTrades(this.#address, tradeTableOf(series), range, options));
  }

  /** The stored aggregate trades as runs of ids; empty without a table. Call `settle` first to see what was just written. */
  async tradeContent(series: Series, range?: Range): Promise<TradeContent> {
    return orWithoutTable(readTradeContent(this.#address, tradeTableOf(series), range), { rows: 0, runs: [] });
  }

  /** The same of the whole table, partition by partition; those that are `known` and do not touch `again` are not read again. */
  async tradeParts(series: Series, known: readonly TradePart[], again?: Range): Promise<TradePart[]> {
    const read = () => readTradeParts(this.#address, this.#sql, tradeTableOf(series), known, again);
    return orWithoutTable(timed('read', this.#options.metrics, read), []);
  }

  /** A control statement; LONGs come as numbers, timestamps as epoch ms. */
  query<T>(sql: string, params: readonly SqlValue[] = [], doing?: string): Promise<T[]> {
    return this.#sql.query<T>(sql, params, doing);
  }

  /** Answers are appended after their rows were read back: they are what counts as written. */
  async ledgerAppend(entries: readonly LedgerEntry[]): Promise<void> {
    await appendLedger(this.#sql, entries);
    const answered = entries.filter(({ outcome }) => outcome === 'answered');
    this.#options.metrics?.rowsWritten(answered.reduce((sum, { rows }) => sum + rows, 0));
  }

  /** Everything acknowledged so far, by any program; of a suspended ledger, what it had taken before. */
  async ledgerRead(keys?: readonly string[]): Promise<LedgerEntry[]> {
    await this.#settleLedger();
    return readLedger(this.#sql, keys);
  }

  /** How many entries each series has; see `ledgerRead`. */
  async ledgerCounts(): Promise<LedgerCount[]> {
    await this.#settleLedger();
    return countLedger(this.#sql);
  }

  /** Rows of other programs that stand in our tables, by series and origin. */
  async adoptedRows(): Promise<AdoptedRows[]> {
    await this.#settleLedger();
    return countAdopted(this.#sql);
  }

  /** Adds findings and new states of known ones; the same finding twice is one, and an accepted one stays accepted. */
  async findingsAppend(findings: readonly Finding[]): Promise<void> {
    const added = await appendFindings(this.#sql, findings, this.#options.now ?? Date.now);
    if (added > 0) this.#options.onFindings?.();
  }

  /** Puts a finding into a state that a person has chosen, an accepted one back to new too. */
  async findingSet(finding: Finding): Promise<void> {
    await writeFindings(this.#sql, [finding], this.#options.now ?? Date.now);
    this.#options.onFindings?.();
  }

  /** Findings with their present state, newest first; all, or of these states and series. */
  async findingsRead(wanted: { states?: readonly FindingState[]; keys?: readonly string[] } = {}): Promise<Finding[]> {
    await this.settleTable(FINDINGS_TABLE);
    return readFindings(this.#sql, wanted);
  }

  /** Adds a person's decisions about stops of the exchange; the newest of an id holds. */
  outagesAppend(decisions: readonly OutageDecision[]): Promise<void> {
    return appendOutages(this.#sql, decisions, this.#options.now ?? Date.now);
  }

  /** The decisions that hold, by any program of the workspace, and a version that grows with each that is made. */
  outagesRead(): Promise<{ version: number; decisions: OutageDecision[] }> {
    return readOutages(this.#sql);
  }

  /** Deletes exactly the series' rows with a time in the ranges (ms); see `deleteRows`. Nobody should write the series meanwhile. */
  deleteRows(series: Series, ranges: readonly Range[], options: DeleteOptions): Promise<number> {
    return deleteRows(this.#tools, series, ranges, options);
  }

  /** Puts in order what crashed deletes left behind; to be called at start. Resolves to their number. */
  recoverDeletes(folder: string): Promise<number> {
    return recoverDeletes(this.#tools, folder);
  }

  /** Keeps the series' rows of the ranges before a batch writes over them; resolves to their number. */
  saveRows(series: Series, ranges: readonly Range[], batchId: string): Promise<number> {
    return saveRows(this.#tools, series, ranges, batchId);
  }

  /** Ranges that a batch has saved of the series, those without a row too. */
  savedRanges(series: Series, batchId: string): Promise<SavedRange[]> {
    return readSavedRanges(this.#tools, series, batchId);
  }

  /** Puts back what a batch kept of the ranges; resolves to the number of rows. */
  restoreRows(series: Series, ranges: readonly Range[], batchId: string): Promise<number> {
    return restoreRows(this.#tools, series, ranges, batchId);
  }

  dropSaved(batchId: string): Promise<void> {
    return dropSaved(this.#tools, batchId);
  }

  /** Batches that have rows kept. */
  savedBatches(): Promise<Set<string>> {
    return savedBatches(this.#tools);
  }

  /** The same, with when and how much. */
  keptBatches(): Promise<KeptBatch[]> {
    return readKeptBatches(this.#tools);
  }

  trackSeries(keys: readonly string[], active: boolean): Promise<void> {
    return trackSeries(this.#sql, keys, active, this.#options.now ?? Date.now);
  }

  trackedSeries(): Promise<string[]> {
    return readTrackedSeries(this.#sql);
  }

  close(): Promise<void> {
    return this.#sql.close();
  }

  async #settleLedger(): Promise<void> {
    await this.settleTable(LEDGER_TABLE).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'questdb.suspended') throw error;
      this.#options.logger?.warn({ table: LEDGER_TABLE }, error.message);
    });
  }

  async #extent(series: CandleSeries, range: Range): Promise<Range | null> {
    const found = this.query<{ first: number | null; last: number | null }>(
      `SELECT min(timestamp) "first", max(timestamp) "last" FROM "${tableName(series)}" WHERE ${ownRows(candleTableOf(series))}
        AND timestamp >= '${timestampText(range.from)}' AND timestamp < '${timestampText(range.to)}'`,
    );
    const [row] = await orWithoutTable(found, []);
    return row?.first == null || row.last == null ? null : { from: row.first, to: row.last + 1 };
  }
}

function isNoTable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'questdb.no_table';
}

async function orWithoutTable<T>(answer: Promise<T>, without: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isNoTable(error)) return without;
    throw error;
  }
}

async function* orNothing<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    if (!isNoTable(error)) throw error;
  }
}
