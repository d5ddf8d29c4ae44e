import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '@shared/contract';
import {
  CANDLE_FIELDS,
  type CandleColumns,
  concatCandles,
  createCandleColumns,
  type Interval,
  intervalOfTimes,
} from '@shared/market';
import { type InexactDecimals, survivesDouble } from '../binance';
import { badFile, type CsvColumns, csvColumnsOf, fieldsOf, numberOf, timeOf } from './csv-columns';

const BATCH_ROWS = 20_000;
/** Rows that are sorted in memory; a longer file has to be in order. */
const MOST_SORTED_ROWS = 3_000_000;
/** Rows whose distances tell the interval. */
const ROWS_FOR_STEP = 500;

/** A CSV file of candles that was read through once and is sound as a file: every line has its fields, and they are numbers. */
export class CsvCandles {
  private constructor(
    private readonly path: string,
    private readonly columns: CsvColumns,
    private readonly isAscending: boolean,
    /** Its name without folders. */
    readonly file: string,
    readonly sha256: string,
    readonly rows: number,
    /** Times of the oldest and newest row, epoch ms. */
    readonly first: number,
    readonly last: number,
    /** The distance of most of the first rows; null when that is none of Binance's. */
    readonly interval: Interval | null,
    readonly inexact: InexactDecimals,
  ) {}

  /** Throws `usage.no_file` and `usage.bad_file`. */
  static async open(path: string, signal?: AbortSignal): Promise<CsvCandles> {
    const file = basename(path);
    await requireFile(path);
    const hash = createHash('sha256');
    const inexact: InexactDecimals = { count: 0, example: null };
    let columns: CsvColumns | null = null;
    let rows = 0;
    let [first, last, before] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    let isAscending = true;
    const sample: number[] = [];
    const reading = readRows(path, {
      inexact,
      onBytes: (bytes) => hash.update(bytes),
      onColumns: (is) => (columns = is),
    });
    for await (const batch of reading) {
      signal?.throwIfAborted();
      rows += batch.rows;
      for (let i = 0; i < batch.rows; i++) {
        const time = batch.openTime[i]!;
        if (time < before) isAscending = false;
        before = time;
        first = Math.min(first, time);
        last = Math.max(last, time);
        if (sample.length < ROWS_FOR_STEP) sample.push(time);
      }
    }
    if (!columns || rows === 0) throw badFile(file, 'it has no rows');
    if (!isAscending && rows > MOST_SORTED_ROWS)
      throw badFile(
        file,
        `its rows are not in order of time, and with ${rows.toLocaleString('en')} of them it is too long to be sorted here. Sort it first`,
      );
    const interval = intervalOfTimes(sample.sort((a, b) => a - b));
    return new CsvCandles(path, columns, isAscending, file, hash.digest('hex'), rows, first, last, interval, inexact);
  }

  /** Columns of a candle table that the file does not have. */
  get lacking(): string[] {
    return OPTIONAL_COLUMNS.filter(([field]) => !this.columns.places.has(field)).map(([, column]) => column);
  }

  /** Candles in order of time; what the file does not have is NaN. */
  async *read(): AsyncGenerator<CandleColumns> {
    if (this.isAscending) {
      yield* readRows(this.path);
      return;
    }
    const parts: CandleColumns[] = [];
    for await (const part of readRows(this.path)) parts.push(part);
    const all = concatCandles(parts.splice(0));
    const order = Uint32Array.from({ length: all.rows }, (_, index) => index).sort(
      (a, b) => all.openTime[a]! - all.openTime[b]! || a - b,
    );
    for (let start = 0; start < order.length; start += BATCH_ROWS) {
      const rows = order.subarray(start, start + BATCH_ROWS);
      const batch = createCandleColumns(rows.length);
      batch.rows = rows.length;
      for (const field of CANDLE_FIELDS)
        for (let at = 0; at < rows.length; at++) batch[field][at] = all[field][rows[at]!]!;
      yield batch;
    }
  }
}

const OPTIONAL_COLUMNS = [
  ['quoteVolume', 'quote_volume'],
  ['trades', 'trades'],
  ['takerBase', 'taker_base'],
  ['takerQuote', 'taker_quote'],
] as const;

interface Watching {
  inexact?: InexactDecimals;
  onBytes?: (bytes: Buffer) => void;
  onColumns?: (columns: CsvColumns) => void;
}

/** Rows in the file's order, in batches. Throws `usage.bad_file` at the first line that is none. */
async function* readRows(path: string, { inexact, onBytes, onColumns }: Watching = {}): AsyncGenerator<CandleColumns> {
  const file = basename(path);
  let columns: CsvColumns | null = null;
  let batch = createCandleColumns(BATCH_ROWS);
  let number = 0;
  for await (const lines of linesOf(path, onBytes)) {
    for (const line of lines) {
      number++;
      if (line.trim() === '') continue;
      if (!columns) {
        columns = csvColumnsOf(line, file);
        onColumns?.(columns);
        if (columns.hasHeader) continue;
      }
      readLine(
        line,
        columns,
        batch,
        (reason) => badFile(file, `line ${number.toLocaleString('en')} ${reason}`),
        inexact,
      );
      if (batch.rows < BATCH_ROWS) continue;
      yield batch;
      batch = createCandleColumns(BATCH_ROWS);
    }
  }
  if (batch.rows > 0) yield batch;
}

function readLine(
  line: string,
  { places, width }: CsvColumns,
  batch: CandleColumns,
  bad: (reason: string) => AppError,
  inexact?: InexactDecimals,
): void {
  const fields = fieldsOf(line);
  if (fields.length !== width) throw bad(`has ${fields.length} fields instead of ${width}`);
  const row = batch.rows++;
  for (const field of CANDLE_FIELDS) {
    const place = places.get(field);
    if (place === undefined) {
      batch[field][row] = Number.NaN;
      continue;
    }
    const text = fields[place]!;
    const value = field === 'openTime' ? timeOf(text) : numberOf(text);
    if (value === null)
      throw bad(
        field === 'openTime'
          ? `has the time "${text.slice(0, 40)}", which is neither seconds, milliseconds or microseconds since 1970 nor like 2024-01-31 12:00`
          : `has "${text.slice(0, 40)}" for ${field}, which is no number`,
      );
    batch[field][row] = value;
    if (!inexact || field === 'openTime' || Number.isNaN(value) || survivesDouble(text, value)) continue;
    inexact.count++;
    inexact.example ??= `${text} is stored as ${value}`;
  }
}

async function* linesOf(path: string, onBytes?: (bytes: Buffer) => void): AsyncGenerator<string[]> {
  let rest = '';
  let isFirst = true;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    onBytes?.(chunk);
    // Numbers and times are ASCII; what else a header may hold is not read.
    const text = rest + chunk.toString('latin1');
    const lines = (isFirst ? text.replace(/^\u00ef\u00bb\u00bf/, '') : text).split(/\r?\n/);
    isFirst = false;
    rest = lines.pop() ?? '';
    yield lines;
  }
  if (rest !== '') yield [rest];
}

async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (found instanceof Error)
    throw new AppError('usage.no_file', `${path} cannot be read (${found.code ?? found.message}); check its name.`);
  if (!found.isFile()) throw new AppError('usage.no_file', `${path} is no file; give a CSV file of candles.`);
}
