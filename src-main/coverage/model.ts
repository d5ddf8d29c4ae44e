import { type Grid, type Range, type Span, type StoredSeries, seriesKey } from '@shared/market';
import type { ModelContent, ModelLedger } from './model-content';
import type { OutageWindow } from './outage-catalogue';
import { type Peer, peerGroup } from './peers';

/** What is known of one series. */
export interface Model {
  series: StoredSeries;
  /** Null before anybody asked: the hashes of thousands take their time. */
  nodeId: string | null;
  grid: Grid;
  content: ModelContent;
  /** Version of the table that `content` was last read at; null without a table. */
  version: string | null;
  ledger: ModelLedger;
  outages: readonly OutageWindow[];
  revision: number;
  /** Bars in which the symbol stood still by itself, as judged when `stamp` was true; null before anybody asked. */
  halts: { stamp: string; ranges: Range[]; isOfNote: boolean } | null;
  /** Spans of the whole extent, and what they were derived from. */
  spans: { of: string; list: readonly Span[] } | null;
}

/** Loaded models by what they can be compared with. */
export class LoadedModels {
  readonly #byKey = new Map<string, Model>();
  readonly #groups = new Map<string, { models: Map<string, Model>; revision: number }>();

  get all(): Iterable<Model> {
    return this.#byKey.values();
  }

  get(key: string): Model | undefined {
    return this.#byKey.get(key);
  }

  add(model: Model): void {
    const key = seriesKey(model.series);
    this.#byKey.set(key, model);
    this.#group(model.series).models.set(key, model);
    this.noteChange(model);
  }

  remove(series: StoredSeries): void {
    this.#byKey.delete(seriesKey(series));
    this.#group(series).models.delete(seriesKey(series));
  }

  noteChange({ series }: Model): void {
    this.#group(series).revision++;
  }

  /** Grows with every change of any series of the market and interval. */
  revisionAround(series: StoredSeries): number {
    return this.#group(series).revision;
  }

  /** The series of the market and interval, the given one among them. */
  *peers(series: StoredSeries): Iterable<Peer> {
    for (const { series: each, content, ledger } of this.#group(series).models.values())
      yield { series: each, present: content.bars.present, ledger };
  }

  #group(series: StoredSeries): { models: Map<string, Model>; revision: number } {
    const name = peerGroup(series);
    let group = this.#groups.get(name);
    if (!group) {
      group = { models: new Map(), revision: 0 };
      this.#groups.set(name, group);
    }
    return group;
  }
}
