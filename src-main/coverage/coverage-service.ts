import { AppError, type CoverageReport, type MissingBars, type SeriesSummary, type SpanDetail } from '@shared/contract';
import {
  alignRange,
  type CandleSeries,
  countBars,
  type Grid,
  gridOf,
  intersectRanges,
  type Range,
  type Span,
  seriesKey,
  tableName,
  threeDayPhaseOf,
  unionRanges,
  verdictClass,
} from '@shared/market';
import type { LedgerEntry, QuestDbStore, SeriesContent } from '../questdb';
import type { CoverageCache } from './coverage-cache';
import { barsToAsk, type CoverageFacts, deriveSpans, openOfRunningBar } from './derive-spans';
import { evidenceOf } from './evidence';
import { foldLedger, type LedgerView } from './ledger-view';
import { type OutageWindow, outageWindows } from './outage-catalogue';

/** What coverage needs of the store. */
export type CoverageStore = Pick<
  QuestDbStore,
  'content' | 'contentVersion' | 'ledgerAppend' | 'ledgerRead' | 'settle' | 'tablesOverview' | 'tableVersions'
>;

interface Model {
  series: CandleSeries;
  grid: Grid;
  content: SeriesContent;
  /** Version of the table that `content` was last read at; null without a table. */
  version: string | null;
  ledger: LedgerView;
  entries: LedgerEntry[];
  outages: OutageWindow[];
  revision: number;
}

export interface CoverageOptions {
  store: CoverageStore;
  cache: CoverageCache;
  /** Exchange time in milliseconds. */
  now: () => number;
  nodeIdOf: (series: CandleSeries) => string;
  onChange?: (series: CandleSeries) => void;
}

const EMPTY_CONTENT: SeriesContent = { bars: 0, first: null, last: null, present: [] };

/**
 * The coverage model of every series: content of the table, ledger and catalogue, folded into spans. A model is loaded once
 * (from the cache while the table's version is unchanged) and then kept true by `noteStored` and `recordAnswers`.
 */
export class CoverageService {
  readonly #models = new Map<string, Promise<Model>>();
  #ledger: Promise<Map<string, LedgerEntry[]>> | null = null;
  #ledgerVersion: string | null = null;
  #versions: Promise<Map<string, string | null>> | null = null;

  constructor(private readonly options: CoverageOptions) {}

  /** Spans of the series over `range`, or over its whole known extent until now. */
  async report(series: CandleSeries, range?: Range): Promise<CoverageReport> {
    const model = await this.#model(series);
    const asked = range ? alignRange(model.grid, range) : this.#extent(model);
    const spans = asked.to > asked.from ? deriveSpans(this.#facts(model), asked) : [];
    return {
      key: seriesKey(series),
      range: range ?? asked,
      bars: sumBars(spans.filter((span) => span.verdict === 'present')),
      spans,
      missing: missingBars(spans),
      revision: model.revision,
    };
  }

  async summary(series: CandleSeries): Promise<SeriesSummary> {
    const model = await this.#model(series);
    const report = await this.report(series);
    return {
      key: seriesKey(series),
      table: tableName(series),
      nodeId: this.options.nodeIdOf(series),
      market: series.market,
      symbol: series.symbol,
      interval: series.interval,
      bars: model.content.bars,
      first: model.content.first,
      last: model.content.last,
      listedAt: model.ledger.firstCandle,
      missing: report.missing,
      revision: model.revision,
    };
  }

  /** The span that holds the moment `at`, with its evidence. */
  async explain(series: CandleSeries, at: number): Promise<SpanDetail> {
    const model = await this.#model(series);
    const extent = this.#extent(model);
    const bar = alignToBar(model.grid, at);
    const range = { from: Math.min(extent.from, bar.from), to: Math.max(extent.to, bar.to) };
    const facts = this.#facts(model);
    const spans = deriveSpans(facts, range);
    const span = spans.find((each) => each.from <= at && at < each.to);
    if (!span) throw new AppError('usage.no_such_time', `There is no bar of ${seriesKey(series)} at that time.`);
    const gaps = spans.filter((each) => verdictClass(each.verdict) !== 'present');
    const index = gaps.indexOf(span);
    return {
      span: { ...span, evidence: evidenceOf(facts, series, span) },
      series,
      gapNumber: index < 0 ? null : index + 1,
      gapCount: gaps.length,
    };
  }

  /** Every missing span of `range` with its evidence. */
  async gaps(series: CandleSeries, range: Range): Promise<(Span & { evidence: string[] })[]> {
    const model = await this.#model(series);
    const facts = this.#facts(model);
    return deriveSpans(facts, alignRange(model.grid, range))
      .filter((span) => span.verdict !== 'present')
      .map((span) => ({ ...span, evidence: evidenceOf(facts, series, span) }));
  }

  /** What a backfill of `range` has to ask for, and the counts its plan shows. */
  async wanted(
    series: CandleSeries,
    range: Range,
  ): Promise<{ grid: Grid; range: Range; asked: number; alreadyPresent: number; wanted: Range[] }> {
    const model = await this.#model(series);
    const aligned = alignRange(model.grid, range);
    return {
      grid: model.grid,
      range: aligned,
      asked: countBars(model.grid, aligned),
      alreadyPresent: intersectRanges([aligned], model.content.present).reduce(
        (sum, run) => sum + countBars(model.grid, run),
        0,
      ),
      wanted: barsToAsk(this.#facts(model), aligned),
    };
  }

  async ledger(series: CandleSeries): Promise<LedgerView> {
    return (await this.#model(series)).ledger;
  }

  /** What was asked of whom about the series, and the answers, oldest first: the ledger's entries, kept true as the models are. */
  async entries(series: CandleSeries): Promise<readonly LedgerEntry[]> {
    return (await this.#model(series)).entries;
  }

  async grid(series: CandleSeries): Promise<Grid> {
    return (await this.#model(series)).grid;
  }

  /** Adds bars that were written and read back, without touching the table. */
  async noteStored(series: CandleSeries, ranges: readonly Range[]): Promise<void> {
    if (ranges.length === 0) return;
    const model = await this.#model(series);
    model.content = contentOf(model.grid, unionRanges(model.content.present, ranges));
    this.#changed(model);
  }

  /** Appends answers to the ledger (durable when this resolves) and folds them into the models. */
  async recordAnswers(entries: readonly LedgerEntry[], seriesByKey: ReadonlyMap<string, CandleSeries>): Promise<void> {
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

  /** Derives the model again from the table's content; the cache is rewritten. */
  async refresh(series: CandleSeries): Promise<void> {
    const model = await this.#model(series);
    const version = await this.options.store.contentVersion(series);
    model.content = version === null ? EMPTY_CONTENT : await this.#readContent(series, model.grid, version);
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
      const content = version === null ? EMPTY_CONTENT : await this.#readContent(model.series, model.grid, version);
      if (model.revision !== revision) continue;
      model.content = content;
      model.version = version;
      this.#changed(model);
    }
    return findings;
  }

  /** Loads many models with one look at the catalogue of tables. */
  async preload(list: readonly CandleSeries[]): Promise<void> {
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

  forget(series: CandleSeries): void {
    this.#models.delete(seriesKey(series));
  }

  #model(series: CandleSeries): Promise<Model> {
    const key = seriesKey(series);
    let model = this.#models.get(key);
    if (!model) {
      model = this.#load(series);
      this.#models.set(key, model);
      model.catch(() => this.#models.delete(key));
    }
    return model;
  }

  async #load(series: CandleSeries): Promise<Model> {
    const { store, cache } = this.options;
    this.#ledger ??= store.ledgerRead().then(groupByKey);
    const entries = (await this.#ledger).get(seriesKey(series)) ?? [];
    const ledger = foldLedger(entries);
    const table = tableName(series);
    const known = await this.#versions;
    const version = known ? (known.get(table) ?? null) : await store.contentVersion(series);
    const phase = await this.#threeDayPhase(series, ledger);
    const grid = gridOf(series.interval, phase);
    const content =
      version === null
        ? EMPTY_CONTENT
        : ((await cache.read(table, version)) ?? (await this.#readContent(series, grid, version)));
    return { series, grid, content, version, ledger, entries, outages: outageWindows(series), revision: 1 };
  }

  /** Content that stands for `version`, which counts rows as soon as they are acknowledged: so they are waited for first. */
  async #readContent(series: CandleSeries, grid: Grid, version: string): Promise<SeriesContent> {
    const { store, cache } = this.options;
    const settled = await store.settle(series).then(
      () => true,
      (error: unknown) => {
        // A table that cannot take its rows is shown as it stands, but not remembered so.
        if (error instanceof AppError && error.code === 'questdb.suspended') return false;
        throw error;
      },
    );
    const content = await store.content(series, grid);
    if (settled) await cache.write(tableName(series), version, content);
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
    const phase = model.ledger.threeDayPhase;
    if (model.series.interval === '3d' && phase !== null) model.grid = gridOf('3d', phase);
    this.#changed(model);
  }

  /** Phase of a 3d grid: what the exchange answered, else what a stored row shows. */
  async #threeDayPhase(series: CandleSeries, ledger: LedgerView): Promise<number | undefined> {
    if (series.interval !== '3d') return undefined;
    if (ledger.threeDayPhase !== null) return ledger.threeDayPhase;
    const first = (await this.options.store.tablesOverview()).get(tableName(series))?.first;
    return first === undefined || first === null ? undefined : threeDayPhaseOf(first);
  }

  #facts(model: Model): CoverageFacts {
    return {
      grid: model.grid,
      present: model.content.present,
      ledger: model.ledger,
      outages: model.outages,
      now: this.options.now(),
    };
  }

  /** From the first candle of the symbol, the first row or the first question asked (whichever is earliest) until now. */
  #extent(model: Model): Range {
    const now = openOfRunningBar(model.grid, this.options.now());
    const starts = [model.ledger.firstCandle, model.content.first, model.ledger.answered[0]?.from ?? null].filter(
      (t) => t !== null,
    );
    if (starts.length === 0) return { from: now, to: now };
    const from = model.grid.openAt(model.grid.indexOf(Math.min(...starts)));
    return { from, to: Math.max(now, from) };
  }

  #changed(model: Model): void {
    model.revision++;
    this.options.onChange?.(model.series);
  }
}

function alignToBar(grid: Grid, at: number): Range {
  const index = grid.indexOf(at);
  return { from: grid.openAt(index), to: grid.openAt(index + 1) };
}

export function contentOf(grid: Grid, present: Range[]): SeriesContent {
  return {
    bars: present.reduce((sum, run) => sum + countBars(grid, run), 0),
    first: present[0]?.from ?? null,
    last: present.length > 0 ? grid.openAt(grid.indexOf(present[present.length - 1]!.to - 1)) : null,
    present,
  };
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
