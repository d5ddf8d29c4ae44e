import { ceilToGrid, closeOf, DAY_MS, type Interval, intervalMs } from '@shared/market';
import type { ArchiveKey, ArchiveKind } from './archive-key';
import { CandleBook } from './candle-book';
import { ROW_BYTES, writeRows } from './row-writer';
import type { PracticeSymbol } from './symbols';
import type { TradeTape } from './trade-tape';
import { TRADE_BYTES, writeTrades } from './trade-writer';

/** Spot archives count microseconds from here on. */
const MICRO_FROM = Date.UTC(2025, 0, 1);

/** Headers of futures files: those of candles came in May, those of trades in August 2022. Spot files have none. */
export const CSV_HEADERS: Readonly<Record<ArchiveKind, string>> = {
  klines:
    'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n',
  aggTrades: 'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n',
};
const HEADERS_FROM: Readonly<Record<ArchiveKind, number>> = {
  klines: Date.UTC(2022, 4, 1),
  aggTrades: Date.UTC(2022, 7, 11),
};

/** The text of archive files, a day, an hour or a candle at a time. */
export class ArchiveCsv {
  constructor(
    private readonly book: CandleBook,
    private readonly tape: TradeTape,
  ) {}

  async open(symbol: PracticeSymbol, key: ArchiveKey): Promise<Iterable<Buffer>> {
    if (key.kind === 'aggTrades') await this.tape.reach(symbol, key.range.to - 1);
    return this.chunks(symbol, key);
  }

  private *chunks(symbol: PracticeSymbol, key: ArchiveKey): Generator<Buffer> {
    const { market, kind, interval, range } = key;
    // A month that the header came in has it as a whole.
    if (market !== 'spot' && range.to > HEADERS_FROM[kind]) yield Buffer.from(CSV_HEADERS[kind]);
    if (interval) yield* this.candles(symbol, key, interval);
    else yield* this.trades(symbol, key);
  }

  private *candles(symbol: PracticeSymbol, key: ArchiveKey, interval: Interval): Generator<Buffer> {
    const { tier, range } = key;
    const style = { json: false, micro: isMicro(key) };
    const view = tier === 'monthly' ? 'monthly' : 'rest';
    if (intervalMs(interval) < DAY_MS) {
      const size = CandleBook.blockMs(interval);
      for (let start = range.from; start < range.to; start += size) {
        const block = this.book.block(symbol, interval, start, view);
        const bytes = Buffer.allocUnsafe(block.rows * (block.text ? ROW_BYTES : 256));
        yield bytes.subarray(0, writeRows(bytes, 0, block, 0, block.rows, symbol, style));
      }
      return;
    }
    const grid = this.book.grid(symbol, interval);
    for (let open = ceilToGrid(grid, range.from); open < range.to; open = closeOf(grid, open)) {
      const block = this.book.candle(symbol, grid, open, Number.MAX_SAFE_INTEGER, view);
      if (!block) continue;
      const bytes = Buffer.allocUnsafe(ROW_BYTES);
      yield bytes.subarray(0, writeRows(bytes, 0, block, 0, 1, symbol, style));
    }
  }

  private *trades(symbol: PracticeSymbol, key: ArchiveKey): Generator<Buffer> {
    const style = { json: false, micro: isMicro(key) };
    for (let day = key.range.from / DAY_MS; day * DAY_MS < key.range.to; day++) {
      const { from, to } = this.tape.idsOf(symbol, day);
      const bytes = Buffer.allocUnsafe((to - from) * TRADE_BYTES);
      let at = 0;
      for (const run of this.tape.runs(symbol, from, to)) at = writeTrades(bytes, at, run, symbol, style);
      yield bytes.subarray(0, at);
    }
  }
}

function isMicro({ market, range }: ArchiveKey): boolean {
  return market === 'spot' && range.from >= MICRO_FROM;
}
