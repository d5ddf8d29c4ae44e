import {
  closeOf,
  EXCHANGE_EPOCH_MS,
  floorToGrid,
  type Grid,
  type Interval,
  intervalMs,
  isInterval,
  MINUTE_MS,
  SECOND_MS,
} from '@shared/market';
import type { CandleBlock } from './candle-block';
import type { CandleBook } from './candle-book';
import { decimalText } from './digits';
import type { StreamOptions } from './options';
import { hashPair, hashText } from './random';
import type { PracticeSymbol } from './symbols';

/** One frame of a kline stream before it is wrapped for a connection. */
export interface KlineFrame {
  eventTime: number;
  final: boolean;
  /** JSON, in ms and in µs. */
  text(micro: boolean): string;
}

const STREAM = /^([a-z0-9\-_.]{1,20})@kline_(\d{1,2}[smhdwM])$/;
/** After a jump of the clock no more than this many closes are told. */
const MAX_FINALS = 3;

/** What a kline stream says as time goes on: the running candle when it has changed, and its close. */
export class KlineTopic {
  private open: number;
  private lastPush = Number.NEGATIVE_INFINITY;
  private lastText = '';
  private readonly hash: number;

  private constructor(
    private readonly book: CandleBook,
    readonly symbol: PracticeSymbol,
    private readonly interval: Interval,
    private readonly grid: Grid,
    private readonly options: StreamOptions,
    now: number,
  ) {
    this.open = floorToGrid(grid, now);
    this.hash = hashText(`${symbol.symbol}/${interval}/stream`);
  }

  /** The topic of a stream name, null for one that is not served: it may be subscribed and stays silent. */
  static of(name: string, book: CandleBook, options: StreamOptions, now: number): KlineTopic | null {
    const match = STREAM.exec(name);
    const symbol = match && book.listed.spot.get(match[1]!.toUpperCase());
    const interval = match?.[2] ?? '';
    if (!symbol || !isInterval(interval)) return null;
    return new KlineTopic(book, symbol, interval, book.grid(symbol, interval), options, now);
  }

  /** Frames due at `now`. A candle's closing frame comes before anything of the next candle. */
  poll(now: number): KlineFrame[] {
    const frames: KlineFrame[] = [];
    for (let finals = 0; closeOf(this.grid, this.open) <= now; finals++) {
      const close = closeOf(this.grid, this.open);
      if (now < close + this.finalDelay()) return frames;
      if (finals >= MAX_FINALS) {
        this.open = floorToGrid(this.grid, now);
        break;
      }
      const candle = this.book.candle(this.symbol, this.grid, this.open, close, 'rest');
      if (candle && !this.isSilent(candle)) frames.push(this.frame(candle, now, true));
      this.open = close;
      this.lastText = '';
      this.lastPush = Number.NEGATIVE_INFINITY;
    }
    const period =
      this.interval === '1s' ? Math.min(SECOND_MS, this.options.pushMs ?? SECOND_MS) : (this.options.pushMs ?? 2_000);
    if (this.interval !== '1s' && now - this.lastPush >= period) {
      const candle = this.book.candle(this.symbol, this.grid, this.open, now, 'rest');
      const text = candle ? signature(candle) : '';
      if (candle && text !== this.lastText && candle.trades[0] !== 0) {
        frames.push(this.frame(candle, now, false));
        this.lastText = text;
        this.lastPush = now;
      }
    }
    return frames;
  }

  private finalDelay(): number {
    const longest = this.options.finalDelayMs ?? 2_000;
    if (this.interval === '1s') return Math.min(2, longest);
    return longest === 0 ? 0 : hashPair(this.hash, Math.floor(this.open / MINUTE_MS)) % (longest + 1);
  }

  /** Some candles of a minute and more in which nothing traded are never closed by a frame. */
  private isSilent(candle: CandleBlock): boolean {
    return (
      intervalMs(this.interval) >= MINUTE_MS &&
      candle.trades[0] === 0 &&
      (this.options.silentQuietFinals ?? true) &&
      hashPair(this.hash + 1, Math.floor(this.open / MINUTE_MS)) % 4 === 0
    );
  }

  private frame(candle: CandleBlock, now: number, final: boolean): KlineFrame {
    return { eventTime: now, final, text: (micro) => this.text(candle, now, final, micro) };
  }

  private text(candle: CandleBlock, now: number, final: boolean, micro: boolean): string {
    const { symbol, priceDecimals, volumeDecimals, quoteDecimals } = this.symbol;
    const price = (column: Float64Array) => decimalText(column[0]!, priceDecimals);
    const base = (column: Float64Array) => decimalText(column[0]!, volumeDecimals);
    const quote = (column: Float64Array) => decimalText(column[0]!, quoteDecimals);
    const open = candle.openTime[0]!;
    const close = closeOf(this.grid, open);
    const trades = candle.trades[0]!;
    const first = trades === 0 ? -1 : firstTradeId(open);
    const factor = micro ? 1_000 : 1;
    return JSON.stringify({
      e: 'kline',
      E: now * factor,
      s: symbol,
      k: {
        t: open * factor,
        T: close * factor - 1,
        s: symbol,
        i: this.interval,
        f: first,
        L: trades === 0 ? -1 : first + trades - 1,
        o: price(candle.open),
        c: price(candle.close),
        h: price(candle.high),
        l: price(candle.low),
        v: base(candle.volume),
        n: trades,
        x: final,
        q: quote(candle.quote),
        V: base(candle.takerBase),
        Q: quote(candle.takerQuote),
        B: '0',
      },
    });
  }
}

/** A hundred ids per second: they grow and never overlap, but between two candles some are left out. */
function firstTradeId(open: number): number {
  return ((open - EXCHANGE_EPOCH_MS) / SECOND_MS) * 100;
}

function signature(candle: CandleBlock): string {
  return `${candle.trades[0]}/${candle.close[0]}/${candle.volume[0]}`;
}
