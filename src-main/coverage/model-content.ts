import {
  type CandleSeries,
  countBars,
  type Grid,
  gridOf,
  intersectRanges,
  isTradeSeries,
  type Range,
  type StoredSeries,
  type TradeSeries,
  unionRanges,
} from '@shared/market';
import { joinRuns, type QuestDbStore, type SeriesContent, type TradePart, type TradeRun } from '../questdb';
import type { CoverageCache } from './coverage-cache';
import type { LedgerFold, LedgerView } from './ledger-view';
import { type IdHole, tradeMinutes } from './trade-minutes';

export type ContentStore = Pick<QuestDbStore, 'content' | 'tradeParts'>;

/** What was written and read back: bars, of candles those in which nothing was traded, of trades the runs of ids that were seen there. */
export interface Stored {
  bars: readonly Range[];
  flat?: number;
  runs?: readonly TradeRun[];
}

/** What a model keeps of the ledger: of trades with the entries, for their minutes are told by them. */
export type ModelLedger = LedgerFold | LedgerView;

/** A table's content as coverage sees it. Never changed, only replaced, so that it can be read beside those who work with it. */
export interface ModelContent {
  /** Bars that are proven to be there. */
  readonly bars: SeriesContent;
  /** Rows of a table of trades; null for candles, of which there are as many as bars. */
  readonly trades: number | null;
  /** Stored ids of trades. */
  readonly runs: readonly TradeRun[];
  /** Trades that ought to be there. */
  readonly holes: readonly IdHole[];
  /** As the table is now; rows of `again` (ms) have been written since it was read last. */
  read(grid: Grid, again?: Range): Promise<ModelContent>;
  /** Null when what was known and what was stored cannot be added up: then the table has to be read. */
  withStored(grid: Grid, stored: Stored): ModelContent | null;
  /** The same rows, by what the ledger says now. */
  underLedger(ledger: ModelLedger): ModelContent;
  remember(cache: CoverageCache, table: string, version: string): Promise<void>;
}

export function noContent(series: StoredSeries, store: ContentStore, ledger: ModelLedger): ModelContent {
  if (isTradeSeries(series)) return new TradeContent(series, store, [], withEntries(ledger));
  return new CandleContent(series, store, { bars: 0, first: null, last: null, present: [], flat: 0 });
}

/** Content as it was remembered, and whether it is the version's own: of trades, most days are good in another one too. */
export async function rememberedContent(
  series: StoredSeries,
  store: ContentStore,
  ledger: ModelLedger,
  known: { cache: CoverageCache; table: string; version: string },
): Promise<{ content: ModelContent; isTrue: boolean } | null> {
  const { cache, table, version } = known;
  if (isTradeSeries(series)) {
    const found = await cache.readParts(table);
    if (!found) return null;
    return {
      content: new TradeContent(series, store, found.parts, withEntries(ledger)),
      isTrue: found.version === version,
    };
  }
  const bars = await cache.read(table, version);
  return bars && { content: new CandleContent(series, store, bars), isTrue: true };
}

function withEntries(ledger: ModelLedger): LedgerView {
  if ('entries' in ledger) return ledger;
  throw new Error('content of trades is made of the entries of the ledger');
}

class CandleContent implements ModelContent {
  readonly trades = null;
  readonly runs: readonly TradeRun[] = [];
  readonly holes: readonly IdHole[] = [];

  constructor(
    private readonly series: CandleSeries,
    private readonly store: ContentStore,
    readonly bars: SeriesContent,
  ) {}

  async read(grid: Grid): Promise<ModelContent> {
    return this.#with(await this.store.content(this.series, grid));
  }

  withStored(grid: Grid, { bars, flat }: Stored): ModelContent | null {
    if (flat === undefined || intersectRanges(this.bars.present, bars).length > 0) return null;
    const flats = this.bars.flat + flat;
    return this.#with({ ...runsOf(grid, unionRanges(this.bars.present, bars)), flat: flats });
  }

  underLedger(): ModelContent {
    return this;
  }

  remember(cache: CoverageCache, table: string, version: string): Promise<void> {
    return cache.write(table, version, this.bars);
  }

  #with(bars: SeriesContent): ModelContent {
    return new CandleContent(this.series, this.store, bars);
  }
}

function runsOf(grid: Grid, present: Range[]): Omit<SeriesContent, 'flat'> {
  return {
    bars: present.reduce((sum, run) => sum + countBars(grid, run), 0),
    first: present[0]?.from ?? null,
    last: present.length > 0 ? grid.openAt(grid.indexOf(present[present.length - 1]!.to - 1)) : null,
    present,
  };
}

const MINUTES = gridOf('1m');
/** Stamp of what was seen in the table by somebody who read a part of it only. */
const UNREAD = '';

class TradeContent implements ModelContent {
  readonly bars: SeriesContent;
  readonly trades: number;
  readonly holes: readonly IdHole[];
  readonly runs: readonly TradeRun[];

  constructor(
    private readonly series: TradeSeries,
    private readonly store: ContentStore,
    private readonly parts: readonly TradePart[],
    private readonly ledger: LedgerView,
    runs?: readonly TradeRun[],
  ) {
    this.runs = runs ?? joinRuns(parts.flatMap((part) => part.runs));
    this.trades = this.runs.reduce((sum, { firstId, lastId }) => sum + lastId - firstId + 1, 0);
    const { present, holes } = tradeMinutes(ledger.entries, this.runs, ledger.archiveOnly);
    this.holes = holes;
    this.bars = { ...runsOf(MINUTES, present), flat: 0 };
  }

  async read(_grid: Grid, again?: Range): Promise<ModelContent> {
    const parts = await this.store.tradeParts(this.series, this.parts, again);
    return new TradeContent(this.series, this.store, parts, this.ledger);
  }

  withStored(_grid: Grid, { runs = [] }: Stored): ModelContent {
    if (runs.length === 0) return this;
    const seen = joinRuns([...this.parts.flatMap((part) => (part.stamp === UNREAD ? part.runs : [])), ...runs]);
    const read = this.parts.filter((part) => part.stamp !== UNREAD);
    const parts = [...read, { stamp: UNREAD, rows: 0, runs: seen }];
    return new TradeContent(this.series, this.store, parts, this.ledger);
  }

  underLedger(ledger: ModelLedger): ModelContent {
    return new TradeContent(this.series, this.store, this.parts, withEntries(ledger), this.runs);
  }

  remember(cache: CoverageCache, table: string, version: string): Promise<void> {
    return cache.writeParts(table, version, this.parts);
  }
}
