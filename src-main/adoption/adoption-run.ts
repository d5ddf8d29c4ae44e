import { randomBytes } from 'node:crypto';
import { type AdoptionProgress, type AdoptionReport, AppError, type RefusedRows } from '@shared/contract';
import {
  type CandleColumns,
  type CandleSeries,
  concatCandles,
  formatTime,
  type Grid,
  hullOf,
  intersectRanges,
  intervalOfTimes,
  normalizeRanges,
  type Range,
  seriesKey,
  subtractRanges,
  tableName,
} from '@shared/market';
import { selectWanted } from '../backfill';
import type { CoverageService, LedgerFold } from '../coverage';
import { candleTableOf, encodePartialCandleLines, type LedgerEntry, type QuestDbStore } from '../questdb';
import { findingsOf } from './adoption-findings';
import type { Origin } from './origin';
import { type NoticedKind, RowScreen } from './row-screen';
import { capital } from './words';

export interface AdoptionDeps {
  store: Pick<
    QuestDbStore,
    | 'adoptedRows'
    | 'content'
    | 'ensureCandleTable'
    | 'findingsAppend'
    | 'foreign'
    | 'openWriter'
    | 'presentAmong'
    | 'settle'
  >;
  coverage: Pick<CoverageService, 'grid' | 'ledger' | 'noteStored' | 'recordAnswers' | 'refresh'>;
  /** The exchange's time, epoch ms. */
  now: () => number;
}

export interface AdoptOptions {
  /** Ends it between two parts with an error. */
  signal: AbortSignal;
  /** Ends it as soon as what it has read is stored, with a report. */
  stop?: AbortSignal;
  /** Reads and checks all the same, and writes nothing. */
  isTrial?: boolean;
  /** Called each time before rows are written: not at all where there is nothing to adopt. */
  beforeWriting?: () => Promise<void>;
  onProgress?: (progress: AdoptionProgress) => void;
}

/** Ends at either: for what comes before the first row is read, where there is nothing to store yet. */
export function beforeReading({ signal, stop }: Pick<AdoptOptions, 'signal' | 'stop'>): AbortSignal {
  return stop ? AbortSignal.any([signal, stop]) : signal;
}

/** Rows that are looked at, written and entered into the ledger together. */
const CHUNK_ROWS = 50_000;
/** Lines of one request are some megabytes at most. */
const ROWS_PER_REQUEST = 20_000;
const EVER = 8.64e15;

/**
 * Copies rows of another program into the table of a series, under Tapemend's node id: only into bars that hold no row, because what
 * the exchange said is not written over. All of it is one batch, so that it can be undone. Each part is entered into the ledger when
 * it was read back; after a crash the same call goes on with the bars that are still missing.
 */
export class AdoptionRun {
  readonly #key: string;
  readonly #jobId = `adopt-${Date.now()}-${randomBytes(3).toString('hex')}`;
  readonly #screen: RowScreen;
  readonly #at: number;
  readonly #unknown: { rows: number; bars: Range[] } = { rows: 0, bars: [] };
  #filled: Range[] = [];
  #adopted = 0;
  #alreadyPresent = 0;
  #isStopped = false;

  private constructor(
    private readonly series: CandleSeries,
    private readonly grid: Grid,
    private readonly origin: Origin,
    private readonly deps: AdoptionDeps,
  ) {
    this.#key = seriesKey(series);
    this.#at = Math.floor(deps.now());
    this.#screen = new RowScreen(grid, this.#at);
  }

  /** Throws `usage.unfit_rows` before anything is written when most of the first rows are no candles of the series, and `questdb.*`. */
  static async of(
    series: CandleSeries,
    origin: Origin,
    deps: AdoptionDeps,
    options: AdoptOptions,
  ): Promise<AdoptionReport> {
    const run = new AdoptionRun(series, await gridOfSeries(series, deps), origin, deps);
    await run.#takeAll(options);
    return run.#report(options);
  }

  async #takeAll(options: AdoptOptions): Promise<void> {
    const { signal, stop, onProgress } = options;
    const writer = this.deps.store.openWriter();
    let parts: CandleColumns[] = [];
    let isFirst = true;
    const take = async (): Promise<void> => {
      const chunk = concatCandles(parts);
      parts = [];
      if (isFirst) this.#judge(chunk);
      isFirst = false;
      await this.#take(chunk, writer, options);
      onProgress?.({
        key: this.#key,
        rows: this.#screen.rows,
        of: this.origin.rows,
        adopted: options.isTrial ? 0 : this.#adopted,
        jobId: this.#jobOf(options),
      });
    };
    try {
      for await (const batch of this.origin.read()) {
        signal.throwIfAborted();
        parts.push(this.#screen.push(batch));
        if (parts.reduce((sum, { rows }) => sum + rows, 0) >= CHUNK_ROWS) await take();
        this.#isStopped = stop?.aborted ?? false;
        if (this.#isStopped) break;
      }
      parts.push(this.#screen.finish());
      await take();
    } finally {
      writer.close();
    }
    if (this.#adopted > 0 && !options.isTrial) await this.deps.coverage.refresh(this.series);
  }

  /** Looks whether the first rows are candles of the series at all. */
  #judge(chunk: CandleColumns): void {
    const { words } = this.origin;
    const unfit = (reason: string) =>
      new AppError(
        'usage.unfit_rows',
        `${capital(words)} cannot be adopted as ${this.#key}: ${reason}. Nothing was changed.`,
      );
    if (this.#screen.rows === 0) throw unfit('it has no rows');
    const refused = (['impossible', 'conflicting'] as const)
      .map((kind) => this.#screen.noticed.get(kind))
      .filter((each) => each !== undefined);
    const most = this.#screen.rows / 2;
    const refusedRows = refused.reduce((sum, { count }) => sum + count, 0);
    if (refusedRows > most)
      throw unfit(
        `most of its first rows cannot be candles of one series, the first because of ${refused[0]!.example}; choose a stream of one symbol and interval`,
      );
    const offGrid = this.#screen.noticed.get('offGrid');
    if (offGrid && offGrid.count > most)
      throw unfit(
        `most of its first rows open off the ${this.series.interval} grid (the first ${offGrid.example}); if its times are those at which candles close, make them the opens`,
      );
    const interval = intervalOfTimes(chunk.openTime.subarray(0, chunk.rows));
    if (interval !== null && interval !== this.series.interval)
      throw unfit(`most of its rows are ${interval} apart; choose the interval ${interval}`);
  }

  async #take(
    chunk: CandleColumns,
    writer: ReturnType<QuestDbStore['openWriter']>,
    options: AdoptOptions,
  ): Promise<void> {
    if (chunk.rows === 0) return;
    const { store, coverage } = this.deps;
    const { series, grid } = this;
    const hull = barsOf(grid, chunk);
    const absent = absentAtExchange(await coverage.ledger(series), hull);
    const { present } = await store.content(series, grid, hull);
    const unknown = selectWanted(chunk, grid, absent);
    this.#unknown.rows += unknown.rows;
    this.#unknown.bars.push(...unknown.filled);
    const { slices, rows, filled } = selectWanted(chunk, grid, subtractRanges([hull], [...present, ...absent]));
    this.#alreadyPresent += chunk.rows - rows - unknown.rows;
    if (rows === 0) return;
    options.signal.throwIfAborted();
    if (!options.isTrial) await this.#write(chunk, { slices, rows, filled }, writer, options);
    this.#filled = normalizeRanges([...this.#filled, ...filled]);
    this.#adopted += rows;
  }

  /**
   * Resolves when the rows were read back and entered into the ledger. Goes through once it has begun: rows that the ledger does not
   * tell of could not be taken back.
   */
  async #write(
    chunk: CandleColumns,
    { slices, rows, filled }: Pick<ReturnType<typeof selectWanted>, 'slices' | 'rows' | 'filled'>,
    writer: ReturnType<QuestDbStore['openWriter']>,
    { beforeWriting }: AdoptOptions,
  ): Promise<void> {
    const { store, coverage } = this.deps;
    const { series, grid } = this;
    await beforeWriting?.();
    await store.ensureCandleTable(series);
    const target = candleTableOf(series);
    for (const { start, end } of slices)
      for (let from = start; from < end; from += ROWS_PER_REQUEST)
        await writer.writeLines(encodePartialCandleLines(chunk, from, Math.min(end, from + ROWS_PER_REQUEST), target));
    await store.settle(series);
    const readBack = await store.presentAmong(series, grid, filled);
    if (subtractRanges(filled, readBack.present).length > 0)
      throw new AppError(
        'questdb.rows_missing',
        `Rows of ${this.origin.words} were acknowledged but cannot be read back; adopt it again.`,
      );
    await coverage.recordAnswers([this.#entryOf(filled, rows)], new Map([[this.#key, series]]));
    await coverage.noteStored(series, { bars: filled, flat: readBack.flat });
  }

  #entryOf(filled: readonly Range[], rows: number): LedgerEntry {
    const { words, ledger } = this.origin;
    return {
      at: this.#at,
      key: this.#key,
      source: 'adopted',
      outcome: 'answered',
      range: hullOf(filled),
      rows,
      absent: [],
      evidence: `Rows of ${words}, which another program had stored, were adopted on ${formatTime(this.#at).slice(0, 10)}; the exchange was not asked.`,
      jobId: this.#jobId,
      ...ledger,
      written: filled,
    };
  }

  /** Under which what was written can be taken back. */
  #jobOf({ isTrial }: AdoptOptions): string | null {
    return this.#adopted > 0 && !isTrial ? this.#jobId : null;
  }

  async #report(options: AdoptOptions): Promise<AdoptionReport> {
    const { origin, series } = this;
    const jobId = this.#jobOf(options);
    const count = (kind: NoticedKind) => this.#screen.countOf(kind);
    const refused: RefusedRows = {
      impossible: count('impossible'),
      conflicting: count('conflicting'),
      unclosed: count('unclosed'),
      unknownToExchange: this.#unknown.rows,
    };
    const findings = findingsOf({
      at: this.#at,
      key: this.#key,
      jobId,
      origin,
      noticed: this.#screen.noticed,
      unknown: this.#unknown,
      adopted: this.#filled,
    });
    if (!options.isTrial) await this.deps.store.findingsAppend(findings);
    return {
      jobId,
      key: this.#key,
      table: tableName(series),
      origin: origin.words,
      range: this.#filled.length > 0 ? hullOf(this.#filled) : null,
      rows: this.#screen.rows,
      adopted: this.#adopted,
      alreadyPresent: this.#alreadyPresent,
      duplicates: count('duplicates'),
      refused,
      offGrid: count('offGrid'),
      flat: this.#screen.flat,
      lacking: [...origin.lacking],
      findings: findings.map(({ sentence }) => sentence),
      isStopped: this.#isStopped,
    };
  }
}

async function gridOfSeries(series: CandleSeries, { coverage, store }: AdoptionDeps): Promise<Grid> {
  const grid = await coverage.grid(series);
  if (series.interval !== '3d' || (await coverage.ledger(series)).threeDayPhase !== null) return grid;
  if ((await store.content(series, grid)).bars > 0) return grid;
  throw new AppError(
    'usage.unknown_grid',
    `On which days 3d candles of ${series.symbol} open is not known yet; backfill a few of them, then adopt the rest.`,
  );
}

/** The bars from the first candle to the last. */
function barsOf(grid: Grid, { openTime, rows }: CandleColumns): Range {
  return {
    from: grid.openAt(grid.indexOf(openTime[0]!)),
    to: grid.openAt(grid.indexOf(openTime[rows - 1]!) + 1),
  };
}

/** Bars that the exchange was asked for and does not have. */
function absentAtExchange(ledger: LedgerFold, within: Range): Range[] {
  const life = {
    from: ledger.firstCandle ?? -EVER,
    to: ledger.lastCandle === null ? EVER : ledger.lastCandle + 1,
  };
  return intersectRanges([within], [...ledger.absentAtRest, ...subtractRanges([within], [life])]);
}
