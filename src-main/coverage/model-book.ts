import { AppError } from '@shared/contract';
import {
  gridIntervalOf,
  gridOf,
  hullOf,
  isTradeSeries,
  type Range,
  type StoredSeries,
  seriesKey,
  subtractRanges,
  tableName,
  threeDayPhaseOf,
} from '@shared/market';
import type { LedgerEntry } from '../questdb';
import { type ContentDifference, contentDifference } from './content-difference';
import type { CoverageCache } from './coverage-cache';
import type { CoverageStore } from './coverage-store';
import { LedgerBook } from './ledger-book';
import type { LedgerFold } from './ledger-view';
import { LoadedModels, type Model } from './model';
import { type ModelContent, type ModelLedger, noContent, rememberedContent, type Stored } from './model-content';
import type { OutageCatalogue, OutageWindow } from './outage-catalogue';

export interface ModelBookOptions {
  store: CoverageStore;
  cache: CoverageCache;
  catalogue: OutageCatalogue;
  onChange: (model: Model) => void;
}

/**
 * The models of all series that were asked for. Each is loaded once, from the cache while its table's version is unchanged, and then
 * kept true: by what this program writes and is answered, and by what others of the workspace did meanwhile.
 */
export class ModelBook {
  readonly ledger: LedgerBook;
  readonly loaded = new LoadedModels();
  readonly #models = new Map<string, Promise<Model>>();
  #ledgerVersion: string | null = null;
  #versions: Promise<Map<string, string | null>> | null = null;

  constructor(private readonly options: ModelBookOptions) {
    this.ledger = new LedgerBook(options.store, options.cache.folds);
  }

  get(series: StoredSeries): Promise<Model> {
    const key = seriesKey(series);
    let model = this.#models.get(key);
    if (!model) {
      model = this.#load(series);
      this.#models.set(key, model);
      model.then(
        (loaded) => {
          // The catalogue may have grown meanwhile.
          if (!isTradeSeries(series)) loaded.outages = this.options.catalogue.windows(series);
          this.loaded.add(loaded);
        },
        () => this.#models.delete(key),
      );
    }
    return model;
  }

  /** Adds what was written and read back, without touching the table. */
  async noteStored(series: StoredSeries, stored: Stored): Promise<void> {
    if (stored.bars.length === 0) return;
    const model = await this.get(series);
    const content = model.content.withStored(model.grid, stored);
    if (content === null) return this.refresh(series, hullOf(stored.bars));
    model.content = content;
    this.changed(model);
  }

  /** Appends answers to the ledger (durable when this resolves) and folds them into the models. */
  async recordAnswers(entries: readonly LedgerEntry[], seriesByKey: ReadonlyMap<string, StoredSeries>): Promise<void> {
    if (entries.length === 0) return;
    await this.ledger.append(entries);
    const told = new Set(entries.map((entry) => entry.key));
    for (const [key, series] of seriesByKey) if (told.has(key)) await this.#takeLedger(await this.get(series));
  }

  /**
   * Derives the model again from the table's content; the cache is rewritten. `written` says where rows were written since, for
   * tables of which only a part has to be read anew.
   */
  async refresh(series: StoredSeries, written?: Range): Promise<void> {
    const model = await this.get(series);
    const version = await this.options.store.contentVersion(series);
    const content = await this.#contentAt(model, version, written);
    model.content = content.underLedger(model.ledger);
    model.version = version;
    this.changed(model);
  }

  /**
   * Reads a table whose version has not changed and tells how it differs from what was remembered, which is corrected; null when it
   * does not, when somebody writes meanwhile, or has written what is not taken over yet.
   */
  async audit(series: StoredSeries): Promise<ContentDifference | null> {
    const model = await this.get(series);
    const { revision, version, grid } = model;
    if (version === null || (await this.options.store.contentVersion(series)) !== version) return null;
    const content = await this.#readContent(model, version);
    if (model.revision !== revision || (await this.options.store.contentVersion(series)) !== version) return null;
    const difference = contentDifference(grid, model.content.bars.present, content.bars.present);
    if (difference === null) return null;
    model.content = content;
    this.changed(model);
    return difference;
  }

  /**
   * Takes over what other programs of the workspace wrote meanwhile: answers in the ledger, rows in the tables. To be called
   * while no job of this program runs; a model that changes during the call is left for the next one. Resolves with the version
   * of the findings, which are nobody's here.
   */
  async catchUp(): Promise<string | null> {
    const { tables, ledger, findings } = await this.options.store.tableVersions();
    if (ledger !== this.#ledgerVersion) {
      const { changed, isComplete } = await this.ledger.catchUp();
      for (const key of changed) {
        const model = await this.#models.get(key);
        if (model) await this.#takeLedger(model);
      }
      if (isComplete) this.#ledgerVersion = ledger;
    }
    for (const model of await Promise.all(this.#models.values())) {
      const version = tables.get(tableName(model.series)) ?? null;
      if (version === model.version) continue;
      const { revision } = model;
      const content = await this.#contentAt(model, version);
      if (model.revision !== revision) continue;
      model.content = content;
      model.version = version;
      this.changed(model);
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
      await Promise.all(list.map((series) => this.get(series)));
    } finally {
      if (this.#versions === versions) this.#versions = null;
    }
  }

  /** The catalogue has changed within these windows: every series of its market is told anew, those that it may explain as changed. */
  takeOutages(windows: readonly OutageWindow[]): void {
    for (const model of this.loaded.all) {
      const { series, content } = model;
      if (isTradeSeries(series)) continue;
      model.outages = this.options.catalogue.windows(series);
      const mayDiffer = windows.some(
        (window) => window.entry.market === series.market && subtractRanges([window], content.bars.present).length > 0,
      );
      if (mayDiffer) this.changed(model);
    }
  }

  forget(series: StoredSeries): void {
    this.#models.delete(seriesKey(series));
    this.loaded.remove(series);
  }

  async #load(series: StoredSeries): Promise<Model> {
    const { store, cache } = this.options;
    const ledger = await this.#ledgerOf(series);
    const table = tableName(series);
    const versions = await this.#versions;
    const version = versions ? (versions.get(table) ?? null) : await store.contentVersion(series);
    const phase = await this.#threeDayPhase(series, ledger);
    const grid = gridOf(gridIntervalOf(series), phase);
    const known = version === null ? null : await rememberedContent(series, store, ledger, { cache, table, version });
    const content = known?.content ?? noContent(series, store, ledger);
    // What trades are missing is told by their ids: no catalogue has to explain it.
    const outages = isTradeSeries(series) ? [] : this.options.catalogue.windows(series);
    const told = { nodeId: null, halts: null, spans: null };
    const model: Model = { series, grid, content, version, ledger, outages, revision: 1, ...told };
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

  #ledgerOf(series: StoredSeries): Promise<ModelLedger> {
    const key = seriesKey(series);
    return isTradeSeries(series) ? this.ledger.view(key) : this.ledger.fold(key);
  }

  async #takeLedger(model: Model): Promise<void> {
    model.ledger = await this.#ledgerOf(model.series);
    model.content = model.content.underLedger(model.ledger);
    const phase = model.ledger.threeDayPhase;
    if (model.series.interval === '3d' && phase !== null) model.grid = gridOf('3d', phase);
    this.changed(model);
  }

  /** Phase of a 3d grid: what the exchange answered, else what a stored row shows. */
  async #threeDayPhase(series: StoredSeries, ledger: LedgerFold): Promise<number | undefined> {
    if (series.interval !== '3d') return undefined;
    if (ledger.threeDayPhase !== null) return ledger.threeDayPhase;
    const first = (await this.options.store.tablesOverview()).get(tableName(series))?.first;
    return first === undefined || first === null ? undefined : threeDayPhaseOf(first);
  }

  /** To be called after each change of a model. */
  changed(model: Model): void {
    model.revision++;
    this.loaded.noteChange(model);
    this.options.onChange(model);
  }
}
