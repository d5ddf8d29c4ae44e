import {
  closeOf,
  DAY_MS,
  type Grid,
  gridOf,
  HOUR_MS,
  type Interval,
  intervalMs,
  MINUTE_MS,
  type Range,
} from '@shared/market';
import {
  appendFlat,
  appendRow,
  type CandleBlock,
  createBlock,
  EMPTY_BLOCK,
  firstRowAt,
  rollInto,
  sliceBlock,
} from './candle-block';
import { Lru } from './lru';
import { listedMarkets, type PracticeMarkets } from './markets';
import { cutMinutes, hasMissingSeconds, isSecondMissing, type Tier, tiersDiffer } from './minute-cutter';
import { MinuteGenerator } from './minute-generator';
import { MinuteTape } from './minute-tape';
import { FLAT_WITHOUT_MINUTES, HOUR_ABSENT_IN_REST } from './outages';
import type { RealCandles } from './real-candles';
import { secondsOfMinute } from './second-candles';
import type { PracticeSymbol } from './symbols';

/** Whole days as candles are kept for 2017 to 2035. */
const TABLE_START = Date.UTC(2017, 0, 1) / DAY_MS;
const TABLE_DAYS = 7_000;

/** All candles that exist at the practice exchange, whatever the time: callers cut off the future. */
export class CandleBook {
  private readonly sources = new Map<string, { generator: MinuteGenerator; tape: MinuteTape }>();
  private readonly blocks = new Lru<CandleBlock>(400_000);
  private readonly passing = createBlock(DAY_MS / MINUTE_MS);
  private readonly days = new Map<string, { block: CandleBlock; rowOf: Int16Array }>();

  /** What REST knows. */
  readonly listed: PracticeMarkets;

  constructor(
    readonly markets: PracticeMarkets,
    readonly seed: number,
    private readonly offGridRest: boolean,
    private readonly real: RealCandles,
    /** See `MinuteTape`. */
    readonly tradeCrowds = false,
  ) {
    this.listed = listedMarkets(markets);
  }

  grid(symbol: PracticeSymbol, interval: Interval): Grid {
    return gridOf(interval, symbol.threeDayPhase);
  }

  /** Generated 1m candles of `day` (days since 1970); never those of real files. */
  minutes(symbol: PracticeSymbol, day: number, tier: Tier): CandleBlock {
    const view = viewOf(symbol, day, tier);
    return this.cached(`${symbol.id}/${day}/${view}`, () =>
      this.cut(symbol, day, view, view === 'monthly' || this.offGridRest),
    );
  }

  /** The same on the grid, whatever REST serves: minutes as their trades fill them. */
  tradedMinutes(symbol: PracticeSymbol, day: number): CandleBlock {
    if (!this.offGridRest) return this.minutes(symbol, day, 'rest');
    return this.cached(`${symbol.id}/${day}/traded`, () => this.cut(symbol, day, 'rest', false));
  }

  /** The same without a place in the cache and without the values of COIN-M, to be read before the next call. */
  passingMinutes(symbol: PracticeSymbol, day: number): CandleBlock {
    const from = day * DAY_MS;
    if (!symbol.lives.some((life) => life.from < from + DAY_MS && life.to > from)) return EMPTY_BLOCK;
    const full = this.sourceOf(symbol).generator.day(day, this.passing);
    return cutMinutes(full, symbol, 'rest', false);
  }

  /** The trades behind its minutes. */
  tape(symbol: PracticeSymbol): MinuteTape {
    return this.sourceOf(symbol).tape;
  }

  private cut(symbol: PracticeSymbol, day: number, view: Tier, offGrid: boolean): CandleBlock {
    const { generator, tape } = this.sourceOf(symbol);
    const block = cutMinutes(generator.day(day), symbol, view, offGrid);
    if (symbol.market === 'cm') tape.settle(block);
    return block;
  }

  private sourceOf(symbol: PracticeSymbol) {
    let source = this.sources.get(symbol.id);
    if (!source) {
      source = {
        generator: new MinuteGenerator(symbol, this.seed),
        tape: new MinuteTape(symbol, this.seed, this.tradeCrowds),
      };
      this.sources.set(symbol.id, source);
    }
    return source;
  }

  /** The 3,600 or fewer 1s candles of the hour that starts at `hour`. */
  private seconds(symbol: PracticeSymbol, hour: number): CandleBlock {
    return this.cached(`${symbol.id}/${hour}/1s`, () => {
      const minutes = this.minutes(symbol, Math.floor(hour / DAY_MS), 'rest');
      const first = firstRowAt(minutes, hour);
      const last = firstRowAt(minutes, hour + HOUR_MS);
      const all = this.refine(symbol, minutes, first, last);
      if (!hasMissingSeconds(hour, hour + HOUR_MS)) return all;
      const kept = createBlock(all.rows);
      for (let i = 0; i < all.rows; i++) if (!isSecondMissing(all.openTime[i]!)) appendRow(kept, all, i);
      return sliceBlock(kept, 0, kept.rows);
    });
  }

  private refine(symbol: PracticeSymbol, minutes: CandleBlock, first: number, last: number): CandleBlock {
    const block = createBlock((last - first) * 60);
    const { tape } = this.sourceOf(symbol);
    for (let i = first; i < last; i++) {
      // Of two candles in one minute (an off-grid one follows an aligned one) only the first has seconds.
      if (
        i > first &&
        Math.floor(minutes.openTime[i - 1]! / MINUTE_MS) === Math.floor(minutes.openTime[i]! / MINUTE_MS)
      )
        continue;
      secondsOfMinute(minutes, i, tape, block);
    }
    return block;
  }

  /** Length of the blocks in which candles shorter than a day come. */
  static blockMs(interval: Interval): number {
    return interval === '1s' ? HOUR_MS : DAY_MS;
  }

  /** Candles of an interval under one day, of the block that starts at `start`; real ones where a file has the day. */
  block(symbol: PracticeSymbol, interval: Interval, start: number, tier: Tier): CandleBlock {
    const real = this.real.day(symbol.id, interval, Math.floor(start / DAY_MS));
    if (real) {
      if (interval !== '1s') return real;
      return sliceBlock(real, firstRowAt(real, start), firstRowAt(real, start + HOUR_MS));
    }
    if (interval === '1s') return this.seconds(symbol, start);
    const day = start / DAY_MS;
    if (interval === '1m') return this.minutes(symbol, day, tier);
    const view = viewOf(symbol, day, tier);
    return this.cached(`${symbol.id}/${day}/${view}/${interval}`, () =>
      this.rollDay(this.minutes(symbol, day, view), interval, view),
    );
  }

  private rollDay(minutes: CandleBlock, interval: Interval, tier: Tier): CandleBlock {
    const step = intervalMs(interval);
    const rolled = createBlock(Math.ceil(DAY_MS / step) + 1);
    for (let i = 0; i < minutes.rows; i++) {
      const open = Math.floor(minutes.openTime[i]! / step) * step;
      const before = rolled.rows > 0 ? rolled.openTime[rolled.rows - 1]! : 0;
      if (
        step >= 15 * MINUTE_MS &&
        FLAT_WITHOUT_MINUTES % step === 0 &&
        before < FLAT_WITHOUT_MINUTES &&
        open > FLAT_WITHOUT_MINUTES &&
        before >= FLAT_WITHOUT_MINUTES - step
      )
        appendFlat(rolled, FLAT_WITHOUT_MINUTES, FLAT_WITHOUT_MINUTES + step - 1, minutes.close[i - 1]!);
      if (interval === '1h' && tier === 'rest' && open === HOUR_ABSENT_IN_REST) continue;
      rollInto(rolled, open, open + step - 1, minutes, i);
    }
    return sliceBlock(rolled, 0, rolled.rows);
  }

  /** The candle over all minutes of `[from, to)` that opened until `now`, or null when there is none. */
  candleOver(symbol: PracticeSymbol, range: Range, now: number, tier: Tier): CandleBlock | null {
    const result = createBlock(1);
    const closeTime = range.to - 1;
    const end = Math.min(range.to, now + 1);
    for (const life of symbol.lives) {
      let at = Math.max(range.from, life.from);
      const stop = Math.min(end, life.to);
      while (at < stop) {
        const day = Math.floor(at / DAY_MS);
        const dayEnd = (day + 1) * DAY_MS;
        if (at === day * DAY_MS && dayEnd <= stop && dayEnd <= now) {
          const whole = this.dayCandle(symbol, day, tier);
          if (whole.row >= 0) rollInto(result, range.from, closeTime, whole.block, whole.row);
        } else {
          const minutes = this.until(symbol, '1m', this.minutes(symbol, day, tier), now);
          const last = firstRowAt(minutes, Math.min(stop, dayEnd));
          for (let i = firstRowAt(minutes, at); i < last; i++) rollInto(result, range.from, closeTime, minutes, i);
        }
        at = dayEnd;
      }
    }
    return result.rows === 0 ? null : result;
  }

  /** The whole day as one candle: a block and its row in it, row -1 when nothing traded. */
  private dayCandle(symbol: PracticeSymbol, day: number, tier: Tier): { block: CandleBlock; row: number } {
    const roll = (block: CandleBlock) => {
      const minutes = this.minutes(symbol, day, tier);
      for (let i = 0; i < minutes.rows; i++) rollInto(block, day * DAY_MS, (day + 1) * DAY_MS - 1, minutes, i);
    };
    if (symbol.market === 'spot' && tiersDiffer(day)) {
      const block = createBlock(1);
      roll(block);
      return { block, row: block.rows - 1 };
    }
    let table = this.days.get(symbol.id);
    if (!table) {
      table = { block: createBlock(TABLE_DAYS), rowOf: new Int16Array(TABLE_DAYS).fill(-2) };
      this.days.set(symbol.id, table);
    }
    const index = day - TABLE_START;
    if (table.rowOf[index] === -2) {
      const before = table.block.rows;
      roll(table.block);
      table.rowOf[index] = table.block.rows > before ? before : -1;
    }
    return { block: table.block, row: table.rowOf[index]! };
  }

  /** The candle of any interval that opens at `open`, as it stands at `now`; null when there is none. */
  candle(symbol: PracticeSymbol, grid: Grid, open: number, now: number, tier: Tier): CandleBlock | null {
    const { interval } = grid;
    if (intervalMs(interval) < DAY_MS) {
      const size = CandleBook.blockMs(interval);
      const start = Math.floor(open / size) * size;
      const block = this.until(symbol, interval, this.block(symbol, interval, start, tier), now);
      const row = firstRowAt(block, open);
      return row < block.rows && block.openTime[row] === open ? sliceBlock(block, row, row + 1) : null;
    }
    const real = this.real.day(symbol.id, interval, Math.floor(open / DAY_MS));
    if (real) {
      const row = firstRowAt(real, open);
      return row < real.rows && real.openTime[row] === open ? sliceBlock(real, row, row + 1) : null;
    }
    return this.candleOver(symbol, { from: open, to: closeOf(grid, open) }, now, tier);
  }

  /** `block` without what opens after `now`; its last candle, when still running, as far as it has come. */
  until(symbol: PracticeSymbol, interval: Interval, block: CandleBlock, now: number): CandleBlock {
    if (block.rows === 0 || block.closeTime[block.rows - 1]! < now || block.text) return block;
    const count = firstRowAt(block, now + 1);
    if (count === 0) return EMPTY_BLOCK;
    if (block.closeTime[count - 1]! < now) return sliceBlock(block, 0, count);
    const running = this.running(symbol, interval, block, count - 1, now);
    const result = createBlock(count);
    for (let i = 0; i < count - 1; i++) appendRow(result, block, i);
    appendRow(result, running, 0);
    return result;
  }

  private running(
    symbol: PracticeSymbol,
    interval: Interval,
    block: CandleBlock,
    index: number,
    now: number,
  ): CandleBlock {
    const open = block.openTime[index]!;
    const closeTime = block.closeTime[index]!;
    const result = createBlock(1);
    if (interval === '1m') {
      const seconds = this.refine(symbol, block, index, index + 1);
      const done = Math.floor((now + 1 - open) / 1_000);
      for (let i = 0; i < done; i++) rollInto(result, open, closeTime, seconds, i);
    } else if (interval !== '1s') {
      const minutes = this.candleOver(symbol, { from: open, to: closeTime + 1 }, now, 'rest');
      if (minutes) return minutes;
    }
    if (result.rows === 0) appendFlat(result, open, closeTime, block.open[index]!);
    return result;
  }

  private cached(key: string, make: () => CandleBlock): CandleBlock {
    const known = this.blocks.get(key);
    if (known) return known;
    const block = make();
    this.blocks.set(key, block, block.rows + 10);
    return block;
  }
}

/** Only spot's monthly files differ from what REST serves, and on few days. */
function viewOf(symbol: PracticeSymbol, day: number, tier: Tier): Tier {
  return symbol.market === 'spot' && tiersDiffer(day) ? tier : 'rest';
}
