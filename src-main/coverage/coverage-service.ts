import { AppError, type CoverageReport, type MissingBars, type SeriesSummary, type SpanDetail } from '@shared/contract';
import {
  alignRange,
  barAt,
  countBars,
  type ExplainedSpan,
  type Grid,
  gridIntervalOf,
  gridOf,
  hullOf,
  intersectRanges,
  isTradeSeries,
  type Range,
  type Span,
  type StoredSeries,
  seriesKey,
  subtractRanges,
  tableName,
  threeDayPhaseOf,
  verdictClass,
} from '@shared/market';
import type { LedgerEntry, QuestDbStore, TradeRun } from '../questdb';
import type { CoverageCache } from './coverage-cache';
import { barsToAsk, type CoverageFacts, deriveSpans, openOfRunningBar } from './derive-spans';
import { foldLedger, type LedgerView } from './ledger-view';
import { LoadedModels, type Model } from './model';
import { type ModelContent, noContent, rememberedContent, type Stored } from './model-content';
import { OutageCatalogue, type OutageWindow } from './outage-catalogue';
import { type StopWitness, stopWitnesses } from './outage-discovery';
import { type EvidenceStore, SpanEvidence } from './span-evidence';
import { type IdHole, lostIdsOf } from './trade-minutes';

/** What coverage needs of the store. */
export type CoverageStore = Pick<
  QuestDbStore,
  | 'content'
  | 'contentVersion'
  | 'countFlat'
  | 'ledgerAppend'
  | 'ledgerRead'
  | 'settle'
  | 'tablesOverview'
  | 'tableVersions'
  | 'tradeParts'
> &
  EvidenceStore;

export interface CoverageOptions {
  store: CoverageStore;
  cache: CoverageCache;
  /** Exchange time in milliseconds. */
  now: () => number;
  nodeIdOf: (series: StoredSeries) => string;
  onChange?: (series: StoredSeries) => void;
  /** The stops that are known; only the shipped ones when left out. */
  catalogue?: OutageCatalogue;
}

/** Trades of the newest moments are not all there yet: a minute of them is asked for when it has been over for so long. */
const TRADES_SETTLE_MS = 3_000;

/** Gaps beyond these are told with what ledger and catalogue say only: other series and tables are looked at for each. */
const MOST_LOOKED_AT = 100;

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
  readonly #models = new Map<string, Promise<Model>>();
  readonly #loaded = new LoadedModels();
  readonly #evidence: SpanEvidence;
  readonly #catalogue: OutageCatalogue;
  #ledger: Promise<Map<string, LedgerEntry[]>> | null = null;
  #ledgerVersion: string | null = null;
  #versions: Promise<Map<string, string | null>> | null = null;

  constructor(private readonly options: CoverageOptions) {
    this.#evidence = new SpanEvidence(options.store, this.#loaded);
    this.#catalogue = options.catalogue ?? new OutageCatalogue();
  }

  /** Spans of the series over `range`, or over its whole known extent until now. */
  async report(series: StoredSeries, range?: Range): Promise<CoverageReport> {
    const model = await this.#model(series);
    const asked = range ? alignRange(model.grid, range) : this.#extent(model);
    const spans = deriveSpans(await this.#facts(model), asked);
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
    const model = await this.#model(series);
    return {
      key: seriesKey(series),
      table: tableName(series),
      nodeId: this.options.nodeIdOf(series),
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
      // Whether it was the symbol alone that stood still makes no difference here.
      missing: missingBars(deriveSpans(this.#ownFacts(model), this.#extent(model))),
      revision: model.revision,
    };
  }

  /** The span that holds the moment `at`, with its evidence. */
  async explain(series: StoredSeries, at: number): Promise<SpanDetail> {
    const model = await this.#model(series);
    const extent = this.#extent(model);
    const bar = barAt(model.grid, at);
    const range = { from: Math.min(extent.from, bar.from), to: Math.max(extent.to, bar.to) };
    const facts = await this.#facts(model);
    const spans = deriveSpans(facts, range);
    const span = spans.find((each) => each.from <= at && at < each.to);
    if (!span) throw new AppError('usage.no_such_time', `There is no bar of ${seriesKey(series)} at that time.`);
    const gaps = spans.filter((each) => verdictClass(each.verdict) !== 'present');
    const index = gaps.indexOf(span);
    return {
      span: await this.#evidence.explain(model, facts, span),
      series,
      gapNumber: index < 0 ? null : index + 1,
      gapCount: gaps.length,
    };
  }

  /** Every missing span of `range` with its evidence. */
  async gaps(series: StoredSeries, range: Range): Promise<ExplainedSpan[]> {
    const model = await this.#model(series);
    const facts = await this.#facts(model);
    const missing = deriveSpans(facts, alignRange(model.grid, range)).filter(({ verdict }) => verdict !== 'present');
    const gaps: ExplainedSpan[] = [];
    for (const span of missing)
      gaps.push(await this.#evidence.explain(model, facts, span, gaps.length < MOST_LOOKED_AT));
    return gaps;
  }

  async wanted(series: StoredSeries, range: Range): Promise<WantedBars> {
    const model = await this.#model(series);
    const aligned = alignRange(model.grid, range);
    const wanted = barsToAsk(this.#ownFacts(model), aligned);
    const lacking = model.content.holes.filter((hole) => !hole.inArchive).map((hole) => hole.range);
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
    return range ? this.options.store.countFlat(series, range) : (await this.#model(series)).content.bars.flat;
  }

  /** Trades: ids that ought to be stored in the range and are not. */
  async holes(series: StoredSeries, range: Range): Promise<IdHole[]> {
    const { holes } = (await this.#model(series)).content;
    return holes.filter((hole) => hole.range.from < range.to && range.from < hole.range.to);
  }

  /** Trades: how many ids of the range nobody has, or are marked as no trades. */
  async lostIds(series: StoredSeries, range: Range): Promise<number> {
    const { ledger, content } = await this.#model(series);
    return lostIdsOf(ledger.entries, content.runs, range);
  }

  /** Trades: ids that are stored, as runs; and how many there are in a minute, on average; null without any. */
  async storedIds(series: StoredSeries): Promise<{ runs: readonly TradeRun[]; perMinute: number | null }> {
    const { content } = await this.#model(series);
    const { bars } = content.bars;
    return { runs: content.runs, perMinute: bars > 0 ? (content.trades ?? 0) / bars : null };
  }

  async ledger(series: StoredSeries): Promise<LedgerView> {
    return (await this.#model(series)).ledger;
  }

  /** What was asked of whom about the series, and the answers, oldest first: the ledger's entries, kept true as the models are. */
  async entries(series: StoredSeries): Promise<readonly LedgerEntry[]> {
    return (await this.#model(series)).entries;
  }

  async grid(series: StoredSeries): Promise<Grid> {
    return (await this.#model(series)).grid;
  }

  /** Adds what was written and read back, without touching the table. */
  async noteStored(series: StoredSeries, stored: Stored): Promise<void> {
    if (stored.bars.length === 0) return;
    const model = await this.#model(series);
    const content = model.content.withStored(model.grid, stored);
    if (content === null) return this.refresh(series, hullOf(stored.bars));
    model.content = content;
    this.#changed(model);
  }

  /** Appends answers to the ledger (durable when this resolves) and folds them into the models. */
  async recordAnswers(entries: readonly LedgerEntry[], seriesByKey: ReadonlyMap<string, StoredSeries>): Promise<void> {
    if (entries.length === 0) return;
    // Models first: one that is loaded after the append would fold the same entries twice.
    const models = await Promise.all([...seriesByKey.values()].map((series) => this.#model(series)));
    await this.options.store.ledgerAppend([...entries]);
    for (const model of models) {
      const own = entries.filter((entry) => entry.key === seriesKey(model.series));
      if (own.length === 0) continue;
      this.#takeEntries(model, [...model.entries, ...own]);
    }
  }

  /**
   * Derives the model again from the table's content; the cache is rewritten. `written` says where rows were written since, for
   * tables of which only a part has to be read anew.
   */
  async refresh(series: StoredSeries, written?: Range): Promise<void> {
    const model = await this.#model(series);
    const version = await this.options.store.contentVersion(series);
    const content = await this.#contentAt(model, version, written);
    model.content = content.underLedger(model.ledger);
    model.version = version;
    this.#changed(model);
  }

  /**
   * Takes over what other programs of the workspace wrote meanwhile: answers in the ledger, rows in the tables. To be called
   * while no job of this program runs; a model that changes during the call is left for the next one. Resolves with the version
   * of the findings, which are nobody's here.
   */
  async catchUp(): Promise<string | null> {
    const { tables, ledger, findings } = await this.options.store.tableVersions();
    const models = await Promise.all(this.#models.values());
    if (ledger !== this.#ledgerVersion) {
      await this.#catchUpLedger(models);
      this.#ledgerVersion = ledger;
    }
    for (const model of models) {
      const version = tables.get(tableName(model.series)) ?? null;
      if (version === model.version) continue;
      const { revision } = model;
      const content = await this.#contentAt(model, version);
      if (model.revision !== revision) continue;
      model.content = content;
      model.version = version;
      this.#changed(model);
    }
    return findings;
  }

  /** Loads many models with one look at the catalogue of tables. */
  async preload(list: readonly StoredSeries[]): Promise<void> {
    if (list.every((series) => this.#models.has(seriesKey(series)))) return;
    const versions = this.options.store
      .tablesOverview()
      .then((tables) => new Map([...tables].map(([name, info]) => [name, info.version])));
    this.#versions = versions;
    try {
      await Promise.all(list.map((series) => this.#model(series)));
    } finally {
      if (this.#versions === versions) this.#versions = null;
    }
  }

  /** The catalogue has changed within these windows: every series of its market is told anew, those that it may explain as changed. */
  takeOutages(windows: readonly OutageWindow[]): void {
    for (const model of this.#loaded.all) {
      const { series, content } = model;
      if (isTradeSeries(series)) continue;
      model.outages = this.#catalogue.windows(series);
      const mayDiffer = windows.some(
        (window) => window.entry.market === series.market && subtractRanges([window], content.bars.present).length > 0,
      );
      if (mayDiffer) this.#changed(model);
    }
  }

  /** The loaded series of candles with what REST does not have of them; see `discoverStops`. */
  stopWitnesses(): Iterable<StopWitness> {
    return stopWitnesses(this.#loaded.all);
  }

  forget(series: StoredSeries): void {
    this.#models.delete(seriesKey(series));
    this.#loaded.remove(series);
  }

  #model(series: StoredSeries): Promise<Model> {
    const key = seriesKey(series);
    let model = this.#models.get(key);
    if (!model) {
      model = this.#load(series);
      this.#models.set(key, model);
      model.then(
        (loaded) => {
          // The catalogue may have grown meanwhile.
          if (!isTradeSeries(series)) loaded.outages = this.#catalogue.windows(series);
          this.#loaded.add(loaded);
        },
        () => this.#models.delete(key),
      );
    }
    return model;
  }

  async #load(series: StoredSeries): Promise<Model> {
    const { store, cache } = this.options;
    this.#ledger ??= store.ledgerRead().then(groupByKey);
    const entries = (await this.#ledger).get(seriesKey(series)) ?? [];
    const ledger = foldLedger(entries);
    const table = tableName(series);
    const versions = await this.#versions;
    const version = versions ? (versions.get(table) ?? null) : await store.contentVersion(series);
    const phase = await this.#threeDayPhase(series, ledger);
    const grid = gridOf(gridIntervalOf(series), phase);
    const known = version === null ? null : await rememberedContent(series, store, ledger, { cache, table, version });
    const content = known?.content ?? noContent(series, store, ledger);
    // What trades are missing is told by their ids: no catalogue has to explain it.
    const outages = isTradeSeries(series) ? [] : this.#catalogue.windows(series);
    const model: Model = { series, grid, content, version, ledger, entries, outages, revision: 1, halts: null };
    if (version !== null && !known?.isTrue) model.content = await this.#contentAt(model, version);
    return model;
  }

  async #contentAt(model: Model, version: string | null, written?: Range): Promise<ModelContent> {
    const { series, ledger } = model;
    if (version === null) return noContent(series, this.options.store, ledger);
    return this.#readContent(model, version, written);
  }

  /** Content that stands for `version`, which counts rows as soon as they are acknowledged: so they are waited for first. */
  async #readContent({ series, grid, content: known }: Model, version: string, written?: Range): Promise<ModelContent> {
    const { store, cache } = this.options;
    const settled = await store.settle(series).then(
      () => true,
      (error: unknown) => {
        // A table that cannot take its rows is shown as it stands, but not remembered so.
        if (error instanceof AppError && error.code === 'questdb.suspended') return false;
        throw error;
      },
    );
    const content = await known.read(grid, written);
    if (settled) await content.remember(cache, tableName(series), version);
    return content;
  }

  async #catchUpLedger(models: readonly Model[]): Promise<void> {
    const groups = groupByKey(await this.options.store.ledgerRead());
    this.#ledger = Promise.resolve(groups);
    for (const model of models) {
      const entries = groups.get(seriesKey(model.series)) ?? [];
      if (entries.length === model.entries.length) continue;
      this.#takeEntries(model, entries);
    }
  }

  #takeEntries(model: Model, entries: LedgerEntry[]): void {
    model.entries = entries;
    model.ledger = foldLedger(entries);
    model.content = model.content.underLedger(model.ledger);
    const phase = model.ledger.threeDayPhase;
    if (model.series.interval === '3d' && phase !== null) model.grid = gridOf('3d', phase);
    this.#changed(model);
  }

  /** Phase of a 3d grid: what the exchange answered, else what a stored row shows. */
  async #threeDayPhase(series: StoredSeries, ledger: LedgerView): Promise<number | undefined> {
    if (series.interval !== '3d') return undefined;
    if (ledger.threeDayPhase !== null) return ledger.threeDayPhase;
    const first = (await this.options.store.tablesOverview()).get(tableName(series))?.first;
    return first === undefined || first === null ? undefined : threeDayPhaseOf(first);
  }

  async #facts(model: Model): Promise<CoverageFacts> {
    const facts = this.#ownFacts(model);
    return { ...facts, halted: await this.#evidence.halted(model, facts) };
  }

  /** What is known of the series without the others. */
  #ownFacts(model: Model): CoverageFacts {
    return {
      grid: model.grid,
      present: model.content.bars.present,
      ledger: model.ledger,
      outages: model.outages,
      holes: model.content.holes,
      now: this.options.now() - (isTradeSeries(model.series) ? TRADES_SETTLE_MS : 0),
    };
  }

  /** From the first candle of the symbol, the first row or the first question asked (whichever is earliest) until now. */
  #extent(model: Model): Range {
    const now = openOfRunningBar(model.grid, this.options.now());
    const starts = [model.ledger.firstCandle, model.content.bars.first, model.ledger.answered[0]?.from ?? null].filter(
      (t) => t !== null,
    );
    if (starts.length === 0) return { from: now, to: now };
    const from = model.grid.openAt(model.grid.indexOf(Math.min(...starts)));
    return { from, to: Math.max(now, from) };
  }

  #changed(model: Model): void {
    model.revision++;
    this.#loaded.noteChange(model);
    this.options.onChange?.(model.series);
    this.#evidence.reviewSoon(
      (each) => this.#ownFacts(each),
      (other) => this.#changed(other),
    );
  }
}

function tradesOf({ trades }: ModelContent): { trades?: number } {
  return trades === null ? {} : { trades };
}

export function missingBars(spans: readonly Span[]): MissingBars {
  return {
    explained: sumBars(spans.filter((span) => verdictClass(span.verdict) === 'explained')),
    unexplained: sumBars(spans.filter((span) => verdictClass(span.verdict) === 'unexplained')),
  };
}

function sumBars(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + span.bars, 0);
}

function groupByKey(entries: readonly LedgerEntry[]): Map<string, LedgerEntry[]> {
  const groups = new Map<string, LedgerEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.key);
    if (group) group.push(entry);
    else groups.set(entry.key, [entry]);
  }
  return groups;
}
