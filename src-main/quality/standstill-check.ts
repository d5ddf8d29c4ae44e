import type { ProvenanceSpan } from '@shared/contract';
import { type CandleColumns, type Grid, normalizeRanges, type Range } from '@shared/market';
import { EDGE_TOLERANCE_MS, type OutageWindow } from '../coverage';
import { isFlat } from './flat';
import type { CandleCheck, Observation } from './observation';
import { originName } from './origin-name';
import { whereOf } from './run-collector';

/** What is known of bars that the exchange does not have. */
export interface Standstills {
  /** Stops of the outage catalogue that can concern the series, in order of time. */
  stops: readonly OutageWindow[];
  /** Bars that REST was asked for and does not have: sorted, disjoint. */
  deniedByRest: readonly Range[];
  /** Where stored rows come from: sorted, disjoint; of rows that no job wrote there is nothing. */
  origins: readonly ProvenanceSpan[];
}

interface Suspect {
  /** Without a trade, with trades, or from the exchange's own files. */
  kind: 'filled_candle' | 'phantom_candle' | 'stale_candle';
  stop: OutageWindow | null;
  origin: ProvenanceSpan | null;
  isDenied: boolean;
  /** At the edge of a stop only what goes on from such a bar counts. */
  isCertain: boolean;
}

interface Run extends Suspect {
  firstBar: number;
  lastBar: number;
  count: number;
  denied: number;
  /** Of candles without a trade that all have one price; NaN otherwise. */
  price: number;
  closeBefore: number;
}

/**
 * Candles of bars in which the exchange had none: a hole that some program has filled. A bar counts when REST does not have it,
 * or when all of it lies in a stop of the catalogue and not within a minute of its edges, since those differ by symbol (facts,
 * §6). From such a bar on, candles without a trade count up to the edges too, unless the exchange gave them, but not beyond: a
 * quiet symbol begins again with such a candle. A longer bar at the beginning of a stop can be real though its minutes are missing
 * (2017-09-06 16:00 at 1h). What REST gave, REST alone can deny.
 */
export class StandstillCheck implements CandleCheck<CandleColumns> {
  readonly #grid: Grid;
  readonly #facts: Standstills;
  readonly #looked: Follower<Range>;
  readonly #denied: Follower<Range>;
  readonly #origins: Follower<ProvenanceSpan>;
  readonly #found: Observation[] = [];
  #run: Run | null = null;
  #bar = Number.NaN;
  #close = Number.NaN;

  constructor(grid: Grid, facts: Standstills) {
    this.#grid = grid;
    this.#facts = facts;
    this.#looked = new Follower(normalizeRanges([...facts.stops, ...facts.deniedByRest]));
    this.#denied = new Follower(facts.deniedByRest);
    this.#origins = new Follower(facts.origins);
  }

  push(batch: CandleColumns): void {
    for (let i = 0; i < batch.rows; i++) {
      const time = batch.openTime[i]!;
      const bar = this.#grid.indexOf(time);
      const suspect = this.#looked.at(time) ? this.#judge(bar, isFlat(batch, i)) : null;
      const run = this.#run;
      if (run && !(suspect && bar <= run.lastBar + 1 && isAlike(run, suspect)))
        this.#end(bar === run.lastBar + 1 ? batch.open[i]! : Number.NaN);
      if (suspect) this.#extend(bar, suspect, priceOf(batch, i));
      this.#bar = bar;
      this.#close = batch.close[i]!;
    }
  }

  finish(): Observation[] {
    this.#end(Number.NaN);
    return this.#found;
  }

  #judge(index: number, isTradeless: boolean): Suspect | null {
    const bar = { from: this.#grid.openAt(index), to: this.#grid.openAt(index + 1) };
    const denied = this.#denied.at(bar.from);
    const isDenied = denied !== null && bar.to <= denied.to;
    const origin = this.#origins.at(bar.from);
    const isOfExchange = origin !== null && origin.source !== 'adopted';
    const mayBeFilled = isTradeless && !isOfExchange;
    const around = this.#facts.stops.filter((each) => isWithin(bar, each));
    const inside = isOfRest(origin) ? undefined : around.find((each) => isInside(bar, each, mayBeFilled));
    const stop = inside ?? around.find(({ entry }) => isWithin(bar, entry)) ?? around[0] ?? null;
    const isCertain = isDenied || inside !== undefined;
    if (!isCertain && !(stop && mayBeFilled && isWithin(bar, stop.entry))) return null;
    const kind = isOfExchange ? 'stale_candle' : isTradeless ? 'filled_candle' : 'phantom_candle';
    return { kind, stop, origin, isDenied, isCertain };
  }

  #extend(bar: number, suspect: Suspect, price: number): void {
    this.#run ??= {
      ...suspect,
      firstBar: bar,
      lastBar: bar,
      count: 0,
      denied: 0,
      price,
      closeBefore: this.#bar === bar - 1 ? this.#close : Number.NaN,
    };
    const run = this.#run;
    run.lastBar = bar;
    run.count++;
    if (suspect.isDenied) run.denied++;
    run.isCertain ||= suspect.isCertain;
    if (price !== run.price) run.price = Number.NaN;
  }

  #end(openBehind: number): void {
    const run = this.#run;
    this.#run = null;
    if (!run?.isCertain) return;
    const { kind, firstBar, lastBar, count, denied, price, closeBefore, stop, origin } = run;
    const like = price === closeBefore ? 'before' : price === openBehind ? 'behind' : 'own';
    this.#found.push({
      kind,
      range: { from: this.#grid.openAt(firstBar), to: this.#grid.openAt(lastBar + 1) },
      count,
      sentence: sentenceOf(run, like, whereOf(this.#grid, firstBar, lastBar)),
      data: {
        entry: stop?.entry.id ?? null,
        deniedByRest: denied,
        price: kind === 'filled_candle' ? like : null,
        source: origin?.source ?? null,
        origin: origin && originName(origin),
        job: origin?.jobId ?? null,
      },
    });
  }
}

/** Whether a bar of a stop is one that no symbol can have had: at its edges only longer bars without a trade, and not the first. */
function isInside(bar: Range, { entry }: OutageWindow, mayBeLast: boolean): boolean {
  if (bar.from < entry.from + EDGE_TOLERANCE_MS) return false;
  if (bar.to <= entry.to - EDGE_TOLERANCE_MS) return true;
  return mayBeLast && bar.to <= entry.to && bar.to - bar.from > EDGE_TOLERANCE_MS;
}

function isWithin(bar: Range, range: Range): boolean {
  return range.from <= bar.from && bar.to <= range.to;
}

function isOfRest(origin: ProvenanceSpan | null): boolean {
  return origin?.source === 'rest' || origin?.source === 'stream';
}

function isAlike(a: Suspect, b: Suspect): boolean {
  return a.kind === b.kind && a.stop === b.stop && nameOf(a) === nameOf(b);
}

function nameOf({ origin }: Suspect): string | null {
  return origin && originName(origin);
}

/** The price of a candle that has one; NaN, which equals nothing, of any other. */
function priceOf({ open, high, low, close }: CandleColumns, i: number): number {
  return open[i] === close[i] && high[i] === low[i] && open[i] === high[i] ? close[i]! : Number.NaN;
}

const PRICES = { before: ' at the price before', behind: ' at the price behind', own: '' } as const;

function sentenceOf({ kind, count, denied, stop, origin }: Run, price: keyof typeof PRICES, where: string): string {
  const isOne = count === 1;
  const candles = isOne ? 'A candle' : `${count.toLocaleString('en')} candles`;
  const what = { filled_candle: ' without a trade', phantom_candle: ' with trades', stale_candle: '' }[kind];
  const lie = kind === 'filled_candle' ? (isOne ? 'fills' : 'fill') : isOne ? 'lies in' : 'lie in';
  const place = stop
    ? `a stop of the exchange (outage catalogue, ${stop.entry.origin === 'own' ? 'own ' : ''}entry ${stop.entry.id})`
    : 'a hole that REST has confirmed';
  const from = origin
    ? `${isOne ? 'comes' : 'come'} from ${originName(origin)}`
    : `${isOne ? 'was' : 'were'} written by no job of Tapemend`;
  const asked =
    stop && denied > 0 ? ` REST does not have ${denied === count ? 'any' : denied.toLocaleString('en')} of them.` : '';
  return `${candles}${what} ${where} ${lie} ${place}${kind === 'filled_candle' ? PRICES[price] : ''} and ${from}.${asked} Fetch them again: what REST does not have is deleted.`;
}

/** Finds ranges for times that only grow. */
class Follower<T extends Range> {
  #next = 0;

  constructor(private readonly ranges: readonly T[]) {}

  at(time: number): T | null {
    while (this.#next < this.ranges.length && this.ranges[this.#next]!.to <= time) this.#next++;
    const range = this.ranges[this.#next];
    return range && range.from <= time ? range : null;
  }
}
