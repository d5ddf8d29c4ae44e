import { AppError, type CoverageReport, type SeriesSummary, type SpanDetail } from '@shared/contract';
import {
  alignRange,
  barAt,
  countBars,
  type ExplainedSpan,
  type Grid,
  intersectRanges,
  isTradeSeries,
  type Range,
  type Span,
  type StoredSeries,
  seriesKey,
  subtractRanges,
  tableName,
  unionRanges,
  type Verdict,
  verdictClass,
} from '@shared/market';
import type { LedgerEntry, TradeRun } from '../questdb';
import type { ContentDifference } from './content-difference';
import type { CoverageCache } from './coverage-cache';
import type { CoverageStore } from './coverage-store';
import { acceptedBars, barsToAsk, type CoverageFacts, deriveSpans } from './derive-spans';
import type { LedgerFold, LedgerView } from './ledger-view';
import type { Model } from './model';
import { ModelBook } from './model-book';
import type { Stored } from './model-content';
import { extentOf, missingBars, ownFactsOf, spansOf, sumBars, tradesOf } from './model-spans';
import { nextTryOf } from './next-try';
import { OutageCatalogue, type OutageWindow } from './outage-catalogue';
import { type StopWitness, stopWitnesses } from './outage-discovery';
import type { EvidenceFacts } from './proofs';
import { SpanEvidence } from './span-evidence';
import { type IdHole, lostIdsOf } from './trade-minutes';

export interface CoverageOptions {
  store: CoverageStore;
  cache: CoverageCache;
  /** Exchange time in milliseconds. */
  now: () => number;
  nodeIdOf: (series: StoredSeries) => string;
  onChange?: (series: StoredSeries) => void;
  /** The stops that are known; only the shipped ones when left out. */
  catalogue?: OutageCatalogue;
  /** Somebody asks again for what may have changed, so that spans tell when. */
  rechecks?: boolean;
}

/** Gaps beyond these are told with what ledger and catalogue say only: other series and tables are looked at for each. */
const MOST_LOOKED_AT = 100;

/** Verdicts that say that nobody has a bar, and those that are asked again after a time. */
const ABSENT: readonly Verdict[] = ['confirmed_absent', 'symbol_halt'];
const RETRIED: readonly Verdict[] = [...ABSENT, 'fetch_failed', 'unexplained'];

/** A missing span, and when it is to be asked for again (epoch ms). */
export interface Retry {
  span: Span;
  at: number;
}

/** What a backfill of a range has to ask for, and the counts that its plan shows. */
export interface WantedBars {
  grid: Grid;
  range: Range;
  asked: number;
  alreadyPresent: number;
  wanted: Range[];
  /** Bars among the wanted of which an archive cannot have what is missing. */
  onlyAtRest: Range[];
}

/**
 * The coverage model of every series: content of the table, ledger and catalogue, folded into spans. A model is loaded once
 * (from the cache while the table's version is unchanged) and then kept true by `noteStored` and `recordAnswers`.
 */
export class CoverageService {
  readonly #models: ModelBook;
  readonly #evidence: SpanEvidence;

  constructor(private readonly options: CoverageOptions) {
    const { store, cache, catalogue = new OutageCatalogue(), onChange } = options;
    this.#models = new ModelBook({
      store,
      cache,
      catalogue,
      onChange: (model) => {
        onChange?.(model.series);
        this.#evidence.reviewSoon(
          (each) => ownFactsOf(each, this.#now),
          (other) => this.#models.changed(other),
        );
      },
    });
    this.#evidence = new SpanEvidence(store, this.#models.loaded);
  }

  /** Spans of the series over `range`, or over its whole known extent until now. */
  async report(series: StoredSeries, range?: Range): Promise<CoverageReport> {
    const model = await this.#models.get(series);
    const asked = range ? alignRange(model.grid, range) : extentOf(model, this.#now);
    const facts = await this.#facts(model);
    const spans = range ? deriveSpans(facts, asked) : spansOf(model, facts, this.#now);
    return {
      key: seriesKey(series),
      range: range ?? asked,
      bars: sumBars(spans.filter((span) => span.verdict === 'present')),
      spans,
      missing: missingBars(spans),
      ...tradesOf(model.content),
      revision: model.revision,
    };
  }

  async summary(series: StoredSeries): Promise<SeriesSummary> {
    const model = await this.#models.get(series);
    return {
      key: seriesKey(series),
      table: tableName(series),
      nodeId: this.#nodeIdOf(model),
      market: series.market,
      symbol: series.symbol,
      kind: series.kind,
      interval: series.interval,
      ...tradesOf(model.content),
      bars: model.content.bars.bars,
      first: model.content.bars.first,
      last: model.content.bars.last,
      ...(isTradeSeries(series) ? {} : { flat: model.content.bars.flat }),
      listedAt: model.ledger.firstCandle,
      missing: missingBars(this.#spansAtHand(model)),
      revision: model.revision,
    };
  }

  /** The span that holds the moment `at`, with its evidence. */
  async explain(series: StoredSeries, at: number): Promise<SpanDetail> {
    const model = await this.#models.get(series);
    const extent = extentOf(model, this.#now);
    const bar = barAt(model.grid, at);
    const range = { from: Math.min(extent.from, bar.from), to: Math.max(extent.to, bar.to) };
    const facts = await this.#evidenceFacts(model);
    const spans = deriveSpans(facts, range);
    const span = spans.find((each) => each.from <= at && at < each.to);
    if (!span) throw new AppError('usage.no_such_time', `There is no bar of ${seriesKey(series)} at that time.`);
    const gaps = spans.filter((each) => verdictClass(each.verdict) !== 'present');
    const index = gaps.indexOf(span);
    return {
      span: await this.#explained(model, facts, span),
      series,
      gapNumber: index < 0 ? null : index + 1,
      gapCount: gaps.length,
    };
  }

  /** Every missing span of `range` with its evidence. */
  async gaps(series: StoredSeries, range: Range): Promise<ExplainedSpan[]> {
    const model = await this.#models.get(series);
    const derivedFrom = await this.#facts(model);
    const missing = deriveSpans(derivedFrom, alignRange(model.grid, range)).filter(
      ({ verdict }) => verdict !== 'present',
    );
    if (missing.length === 0) return [];
    const facts = await this.#evidenceFacts(model);
    return Promise.all(missing.map((span, index) => this.#explained(model, facts, span, index < MOST_LOOKED_AT)));
  }

  /** Missing spans of the extent that are to be asked for again by themselves, each with the moment (epoch ms). */
  async retries(series: StoredSeries): Promise<Retry[]> {
    if (!this.options.rechecks) return [];
    const model = await this.#models.get(series);
    const open = spansOf(model, await this.#facts(model), this.#now).filter(({ verdict }) => RETRIED.includes(verdict));
    if (open.length === 0) return [];
    const facts = await this.#evidenceFacts(model);
    return open.flatMap((span) => {
      const at = nextTryOf(facts, series, span);
      return at === null ? [] : [{ span, at }];
    });
  }

  /**
   * Bars of `range` that a backfill has to ask for. For a job that asks `again`, also those that REST is known not to have,
   * unless that job itself has asked it.
   */
  async wanted(series: StoredSeries, range: Range, again?: { jobId: string }): Promise<WantedBars> {
    const model = await this.#models.get(series);
    const aligned = alignRange(model.grid, range);
    const facts = ownFactsOf(model, this.#now);
    const wanted = again
      ? unionRanges(barsToAsk(facts, aligned), await this.#absentBefore(model, aligned, again.jobId))
      : barsToAsk(facts, aligned);
    const { archiveOnly, absentInDaily } = model.ledger;
    const lacking = isTradeSeries(series)
      ? model.content.holes.filter((hole) => !hole.inArchive).map((hole) => hole.range)
      : archiveOnly
        ? []
        : absentInDaily;
    return {
      grid: model.grid,
      range: aligned,
      asked: countBars(model.grid, aligned),
      alreadyPresent: intersectRanges([aligned], model.content.bars.present).reduce(
        (sum, run) => sum + countBars(model.grid, run),
        0,
      ),
      wanted,
      onlyAtRest: intersectRanges(wanted, lacking),
    };
  }

  /** Stored candles in which nothing was traded, of `range` or of all; null for trades. */
  async flat(series: StoredSeries, range?: Range): Promise<number | null> {
    if (isTradeSeries(series)) return null;
    return range ? this.options.store.countFlat(series, range) : (await this.#models.get(series)).content.bars.flat;
  }

  /** Trades: ids that ought to be stored in the range and are not. */
  async holes(series: StoredSeries, range: Range): Promise<IdHole[]> {
    const { holes } = (await this.#models.get(series)).content;
    return holes.filter((hole) => hole.range.from < range.to && range.from < hole.range.to);
  }

  /** Trades: how many ids of the range nobody has, or are marked as no trades. */
  async lostIds(series: StoredSeries, range: Range): Promise<number> {
    const { content } = await this.#models.get(series);
    return lostIdsOf((await this.#models.ledger.view(seriesKey(series))).entries, content.runs, range);
  }

  /** Trades: ids that are stored, as runs; and how many there are in a minute, on average; null without any. */
  async storedIds(series: StoredSeries): Promise<{ runs: readonly TradeRun[]; perMinute: number | null }> {
    const { content } = await this.#models.get(series);
    const { bars } = content.bars;
    return { runs: content.runs, perMinute: bars > 0 ? (content.trades ?? 0) / bars : null };
  }

  /** What the ledger's entries about the series come to. */
  async ledger(series: StoredSeries): Promise<LedgerFold> {
    return (await this.#models.get(series)).ledger;
  }

  /** The same with the entries that stand. */
  async ledgerWithEntries(series: StoredSeries): Promise<LedgerView> {
    return this.#models.ledger.view(seriesKey(series));
  }

  /** What was asked of whom about the series, and the answers, oldest first: the ledger's entries, kept true as the models are. */
  entries(series: StoredSeries): Promise<readonly LedgerEntry[]> {
    return this.#models.ledger.entries(seriesKey(series));
  }

  /** Grows with every change of the series' coverage. */
  async revision(series: StoredSeries): Promise<number> {
    return (await this.#models.get(series)).revision;
  }

  async grid(series: StoredSeries): Promise<Grid> {
    return (await this.#models.get(series)).grid;
  }

  /** Adds what was written and read back, without touching the table. */
  noteStored(series: StoredSeries, stored: Stored): Promise<void> {
    return this.#models.noteStored(series, stored);
  }

  /** Appends answers to the ledger (durable when this resolves) and folds them into the models. */
  recordAnswers(entries: readonly LedgerEntry[], seriesByKey: ReadonlyMap<string, StoredSeries>): Promise<void> {
    return this.#models.recordAnswers(entries, seriesByKey);
  }

  /** See `ModelBook.refresh`. */
  refresh(series: StoredSeries, written?: Range): Promise<void> {
    return this.#models.refresh(series, written);
  }

  /** See `ModelBook.audit`. */
  audit(series: StoredSeries): Promise<ContentDifference | null> {
    return this.#models.audit(series);
  }

  /** See `ModelBook.catchUp`. */
  catchUp(): Promise<string | null> {
    return this.#models.catchUp();
  }

  /** Loads many models with one look at the catalogue of tables. */
  async preload(list: readonly StoredSeries[]): Promise<void> {
    const loading = this.#models.preload(list);
    // What is asked of all of them next is derived while others are still being read.
    const derived = list.map(async (series) => {
      const model = await this.#models.get(series);
      this.#nodeIdOf(model);
      this.#spansAtHand(model);
    });
    await Promise.all([loading, ...derived]);
  }

  /** See `ModelBook.takeOutages`. */
  takeOutages(windows: readonly OutageWindow[]): void {
    this.#models.takeOutages(windows);
  }

  /** The loaded series of candles with what REST does not have of them; see `discoverStops`. */
  stopWitnesses(): Iterable<StopWitness> {
    return stopWitnesses(this.#models.loaded.all);
  }

  /** Keeps what the next start would else have to read; to be called at the end. */
  close(): Promise<void> {
    return this.#models.ledger.remember();
  }

  forget(series: StoredSeries): void {
    this.#models.forget(series);
  }

  get #now(): number {
    return this.options.now();
  }

  #nodeIdOf(model: Model): string {
    model.nodeId ??= this.options.nodeIdOf(model.series);
    return model.nodeId;
  }

  /** Asks no other series: whether it was the symbol alone that stood still may not be known yet, and changes no sum. */
  #spansAtHand(model: Model): Span[] {
    const now = this.#now;
    return spansOf(model, { ...ownFactsOf(model, now), halted: model.halts?.ranges ?? [] }, now);
  }

  async #facts(model: Model): Promise<CoverageFacts> {
    const facts = ownFactsOf(model, this.#now);
    return { ...facts, halted: await this.#evidence.halted(model, facts) };
  }

  async #evidenceFacts(model: Model): Promise<EvidenceFacts> {
    return { ...(await this.#facts(model)), ledger: await this.#models.ledger.view(seriesKey(model.series)) };
  }

  async #explained(model: Model, facts: EvidenceFacts, span: Span, beside?: boolean): Promise<ExplainedSpan> {
    const explained = await this.#evidence.explain(model, facts, span, beside);
    const nextTry = this.options.rechecks ? nextTryOf(facts, model.series, span) : null;
    return nextTry === null ? explained : { ...explained, nextTry };
  }

  /** Bars that REST was found not to have, by others than this job. */
  async #absentBefore(model: Model, range: Range, jobId: string): Promise<Range[]> {
    const { entries } = await this.#models.ledger.view(seriesKey(model.series));
    const own = entries.filter((entry) => entry.jobId === jobId && entry.outcome === 'answered');
    const spans = deriveSpans(ownFactsOf(model, this.#now), range);
    const accepted = acceptedBars(model.ledger);
    return subtractRanges(
      spans.filter(({ verdict }) => ABSENT.includes(verdict)),
      [...accepted, ...own.map((entry) => entry.range)],
    );
  }
}
