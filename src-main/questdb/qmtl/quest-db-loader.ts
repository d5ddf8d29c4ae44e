import { AppError } from '@shared/contract';
import { type Candle, type CandleColumns, candleColumnsOf } from '@shared/market';
import {
  type BoundStream,
  type DataFetcher,
  type HistoryProvider,
  type HistoryQuery,
  type HistoryRow,
  missingRanges,
  PAYLOAD_COLUMNS,
  payloadOfRow,
  type SecondRange,
} from '../../dag';
import type { QuestDbAddress } from '../address';
import { readCandles } from '../store/candle-reader';
import { ownRows } from '../store/candle-table';
import { IlpWriter, type IlpWriterOptions } from '../store/ilp-writer';
import { SqlClient } from '../store/sql-client';
import { encodePayloadLine } from './encode-payload-lines';
import { HistoryTable, type HistoryTableOptions } from './history-table';

export interface QuestDBLoaderOptions extends HistoryTableOptions, IlpWriterOptions {
  /** Gets what `fillMissing` finds missing. */
  fetcher?: DataFetcher | undefined;
}

const ROWS_PER_REQUEST = 20_000;
const ROWS_PER_PAGE = 20_000;

/**
 * Reads a stream's stored bars and fills what is missing through a fetcher; QMTL's loader with its names and rules. All times
 * are integer seconds; `fetch` is half-open, `coverage` and `fillMissing` are inclusive. Makes the table if there is none.
 */
export class QuestDBLoader implements HistoryProvider {
  readonly #table: HistoryTable;
  readonly #sql: SqlClient;
  readonly #fetcher: DataFetcher | null;
  readonly #writing: IlpWriterOptions;

  constructor(server: string | QuestDbAddress, options: QuestDBLoaderOptions = {}) {
    this.#table = new HistoryTable(server, options);
    this.#sql = new SqlClient(() => this.#table.address);
    this.#fetcher = options.fetcher ?? null;
    this.#writing = options;
  }

  bindStream(stream: BoundStream): void {
    this.#table.bind(stream);
    this.#fetcher?.bindStream?.(stream);
  }

  /** Name of the table that is read. */
  get table(): string {
    return this.#table.name;
  }

  async fetch(start: number, end: number, query: HistoryQuery): Promise<HistoryRow[]> {
    await this.#settle(query.interval);
    return this.#sql.query<HistoryRow>(
      `SELECT * FROM "${this.table}" WHERE node_id = $1 AND interval = $2 AND ts >= $3 AND ts < $4 ORDER BY ts`,
      [query.nodeId, query.interval, start, end],
      `bars of ${this.table} are read`,
    );
  }

  /** Like `fetch`, in columns. Tables of another shape are read too, page by page; columns they lack are NaN. */
  async *stream(start: number, end: number, query: HistoryQuery): AsyncGenerator<CandleColumns> {
    const rows = this.#table.rowsOf(query.nodeId, query.interval);
    if (await this.#settle(query.interval)) {
      const signal = query.signal ? { signal: query.signal } : {};
      yield* readCandles(() => this.#table.address, rows, { from: start * 1000, to: end * 1000 }, signal);
      return;
    }
    const page = ROWS_PER_PAGE * query.interval;
    for (let from = start; from < end; from += page) {
      query.signal?.throwIfAborted();
      const found = await this.fetch(from, Math.min(from + page, end), query);
      if (found.length > 0) yield candleColumnsOf(found.map(candleOfRow));
    }
  }

  async coverage(query: HistoryQuery): Promise<SecondRange[]> {
    await this.#settle(query.interval);
    const { interval } = query;
    const own = `FROM "${this.table}" WHERE ${ownRows(this.#table.rowsOf(query.nodeId, interval))}`;
    const doing = `the coverage of ${this.table} is read`;
    const [newest] = await this.#sql.query<{ last: number | null }>(`SELECT max(ts) "last" ${own}`, [], doing);
    const last = newest?.last ?? null;
    if (last === null) return [];
    // Only where a run ends and the next begins; a repeated time ends a run too, as in QMTL.
    const breaks = await this.#sql.query<{ before: number | null; ts: number }>(
      `SELECT before, ts FROM (SELECT ts, lag(ts) OVER (ORDER BY ts) AS before ${own} AND ts <= ${last})
        WHERE before IS NULL OR ts - before <> ${interval}`,
      [],
      doing,
    );
    return breaks.map(({ ts }, index): SecondRange => [ts, breaks[index + 1]?.before ?? last]);
  }

  /**
   * Asks the fetcher once for each gap of the inclusive range and stores what it gives: rows inside the gap, one per time, in
   * one write each. Resolves when they can be read. `usage.no_fetcher` without a fetcher.
   */
  async fillMissing(start: number, end: number, query: HistoryQuery): Promise<void> {
    if (!this.#fetcher)
      throw new AppError('usage.no_fetcher', `${this.table} cannot be filled: its loader has no fetcher. Give it one.`);
    const gaps = missingRanges(await this.coverage(query), start, end, query.interval);
    for (const [first, last] of gaps) {
      query.signal?.throwIfAborted();
      const answer = await this.#fetcher.fetch(first, last, query);
      const rows = new Map<number, HistoryRow>();
      for (const row of answer) if (row.ts >= first && row.ts <= last && !rows.has(row.ts)) rows.set(row.ts, row);
      await this.#write([...rows.values()], query);
    }
    await this.#settle(query.interval);
  }

  close(): Promise<void> {
    return this.#sql.close();
  }

  async #write(rows: readonly HistoryRow[], query: HistoryQuery): Promise<void> {
    if (rows.length === 0) return;
    const target = this.#table.rowsOf(query.nodeId, query.interval);
    const writer = new IlpWriter(() => this.#table.address, this.#writing);
    try {
      for (let from = 0; from < rows.length; from += ROWS_PER_REQUEST) {
        const part = rows.slice(from, from + ROWS_PER_REQUEST);
        const lines = part.map((row) => encodePayloadLine(target, row.ts, payloadOfRow(row)));
        await writer.writeLines(Buffer.from(lines.join('')), query.signal);
      }
    } finally {
      writer.close();
    }
  }

  /** Makes the table if needed and waits until written rows can be read; resolves to whether it is a candle table. */
  async #settle(interval: number): Promise<boolean> {
    const isCandles = await this.#table.ensure(this.#sql, interval);
    if (isCandles) await this.#sql.query(`SELECT wait_wal_table('${this.table}')`, [], `${this.table} is waited for`);
    return isCandles;
  }
}

function candleOfRow(row: HistoryRow): Candle {
  const candle = { openTime: row.ts * 1000 } as Candle;
  for (const [field, column] of Object.entries(PAYLOAD_COLUMNS)) {
    const value = row[column];
    candle[field as keyof Candle] = typeof value === 'number' ? value : Number.NaN;
  }
  return candle;
}
