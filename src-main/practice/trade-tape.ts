import { DAY_MS, MINUTE_MS } from '@shared/market';
import { firstRowAt } from './candle-block';
import type { CandleBook } from './candle-book';
import { Lru } from './lru';
import { firstDay, type PracticeSymbol } from './symbols';
import { firstTradeAt, type TradeBlock } from './trade-block';

/** Days that are counted before others get their turn. */
const DAYS_AT_ONCE = 40;
const LAST_DAY = Date.UTC(2036, 0, 1) / DAY_MS;
/** Minutes of day indices that are kept. */
const KEPT_MINUTES = 250_000;

/** Trades before each day since the first: two columns, of which the first `known` entries count. */
interface Ledger {
  firstDay: number;
  known: number;
  aggregates: Float64Array;
  singles: Float64Array;
  growing: Promise<void>;
}

/** Trades of a day before each of its minutes, and at the end those of the whole day. */
interface DayIndex {
  aggregates: Float64Array;
  singles: Float64Array;
}

/** A run of trades of one minute: rows `[from, to)` of `trades`, and the ids of row `from`. */
export interface TradeRun {
  trades: TradeBlock;
  from: number;
  to: number;
  aggregateId: number;
  singleId: number;
}

/** Ledgers of built-in symbols outlive the exchange that counted them; options that change counts have ledgers of their own. */
const LEDGERS = new WeakMap<PracticeSymbol, Map<string, Ledger>>();

/**
 * The trades of all symbols under ids that have no gap from a symbol's first trade on: aggregate ids and single ids start at 0.
 * Counting trades up to a day happens once (`reach`); finding an id or a time is a search after that.
 */
export class TradeTape {
  private readonly days = new Lru<DayIndex>(KEPT_MINUTES);

  constructor(private readonly book: CandleBook) {}

  /** Counts trades up to `time` (epoch ms); to be awaited before any other call that reaches as far. */
  reach(symbol: PracticeSymbol, time: number): Promise<void> {
    const ledger = this.ledger(symbol);
    const day = clampDay(time);
    if (day + 1 - ledger.firstDay < ledger.known) return Promise.resolve();
    ledger.growing = ledger.growing.then(() => this.grow(symbol, ledger, day));
    return ledger.growing;
  }

  private ledger(symbol: PracticeSymbol): Ledger {
    let known = LEDGERS.get(symbol);
    if (!known) {
      known = new Map();
      LEDGERS.set(symbol, known);
    }
    const key = `${this.book.seed}/${this.book.tradeCrowds}`;
    let ledger = known.get(key);
    if (!ledger) {
      const first = firstDay(symbol);
      const size = Math.max(2, LAST_DAY - first + 2);
      ledger = {
        firstDay: first,
        known: 1,
        aggregates: new Float64Array(size),
        singles: new Float64Array(size),
        growing: Promise.resolve(),
      };
      known.set(key, ledger);
    }
    return ledger;
  }

  private async grow(symbol: PracticeSymbol, ledger: Ledger, lastDay: number): Promise<void> {
    const tape = this.book.tape(symbol);
    for (let day = ledger.firstDay + ledger.known - 1; day <= lastDay; day++) {
      const minutes = this.book.passingMinutes(symbol, day);
      const at = ledger.known - 1;
      let aggregates = ledger.aggregates[at]!;
      let singles = ledger.singles[at]!;
      for (let i = 0; i < minutes.rows; i++) {
        aggregates += tape.aggregates(minutes, i);
        singles += tape.singles(minutes, i);
      }
      ledger.aggregates[at + 1] = aggregates;
      ledger.singles[at + 1] = singles;
      ledger.known++;
      if (ledger.known % DAYS_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private index(symbol: PracticeSymbol, day: number): DayIndex {
    const key = `${symbol.id}/${day}`;
    const cached = this.days.get(key);
    if (cached) return cached;
    const minutes = this.book.tradedMinutes(symbol, day);
    const tape = this.book.tape(symbol);
    const aggregates = new Float64Array(minutes.rows + 1);
    const singles = new Float64Array(minutes.rows + 1);
    for (let i = 0; i < minutes.rows; i++) {
      aggregates[i + 1] = aggregates[i]! + tape.aggregates(minutes, i);
      singles[i + 1] = singles[i]! + tape.singles(minutes, i);
    }
    const index = { aggregates, singles };
    this.days.set(key, index, minutes.rows + 10);
    return index;
  }

  /** Id of the first aggregate trade at or after `time` (epoch microseconds); behind the last one when there is none. */
  idAt(symbol: PracticeSymbol, time: number): number {
    const ledger = this.ledger(symbol);
    const day = clampDay(time / 1_000);
    if (day < ledger.firstDay) return 0;
    const before = ledger.aggregates[day - ledger.firstDay]!;
    const { aggregates } = this.index(symbol, day);
    const minutes = this.book.tradedMinutes(symbol, day);
    const row = firstRowAt(minutes, Math.floor(time / 1_000) + 1) - 1;
    if (row < 0) return before;
    if (time >= (minutes.openTime[row]! + MINUTE_MS) * 1_000) return before + aggregates[row + 1]!;
    return before + aggregates[row]! + firstTradeAt(this.book.tape(symbol).trades(minutes, row), time);
  }

  /** Ids of a day's trades, half-open. */
  idsOf(symbol: PracticeSymbol, day: number): { from: number; to: number } {
    const { aggregates, firstDay: first } = this.ledger(symbol);
    if (day < first) return { from: 0, to: 0 };
    return { from: aggregates[day - first]!, to: aggregates[day - first + 1]! };
  }

  /** Aggregate trades of the ids `[from, to)`, a minute at a time. */
  *runs(symbol: PracticeSymbol, from: number, to: number): Generator<TradeRun> {
    const ledger = this.ledger(symbol);
    const tape = this.book.tape(symbol);
    for (let id = from; id < to; ) {
      const at = lastNotAbove(ledger.aggregates, ledger.known, id);
      if (at >= ledger.known - 1) return;
      const day = ledger.firstDay + at;
      const index = this.index(symbol, day);
      const minutes = this.book.tradedMinutes(symbol, day);
      const before = ledger.aggregates[at]!;
      let row = lastNotAbove(index.aggregates, index.aggregates.length, id - before);
      for (; row < minutes.rows && id < to; row++) {
        const start = before + index.aggregates[row]!;
        const trades = tape.trades(minutes, row);
        const first = id - start;
        const end = Math.min(trades.rows, to - start);
        if (end <= first) continue;
        let singleId = ledger.singles[at]! + index.singles[row]!;
        for (let i = 0; i < first; i++) singleId += trades.singles[i]!;
        yield { trades, from: first, to: end, aggregateId: id, singleId };
        id = start + end;
      }
    }
  }
}

function clampDay(time: number): number {
  return Math.min(LAST_DAY, Math.max(0, Math.floor(time / DAY_MS)));
}

/** Index of the last of the first `count` values, ascending, that is not above `value`. */
function lastNotAbove(values: Float64Array, count: number, value: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (values[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
