import { DAY_MS, type Interval } from '@shared/market';
import { type CandleBlock, createBlock, sliceBlock } from './candle-block';

/** Candles of real archive files, by day. They keep their decimals as text, so that every value is the file's. */
export class RealCandles {
  private readonly byDay = new Map<string, CandleBlock>();

  /** Whole day (days since 1970) of a symbol (by its `PracticeSymbol.id`) and interval when a file covers it, else null. */
  day(symbol: string, interval: Interval, day: number): CandleBlock | null {
    return this.byDay.get(`${symbol}/${interval}/${day}`) ?? null;
  }

  /** Takes a file's CSV; every day of `[fromDay, toDay)` counts as covered, also one without rows. Answers the row count. */
  add(symbol: string, interval: Interval, fromDay: number, toDay: number, csv: string): number {
    const rows = csv
      .split('\n')
      .filter((line) => /^\d/.test(line))
      .map((line) => line.trimEnd().split(','));
    for (let day = fromDay; day < toDay; day++) {
      const key = `${symbol}/${interval}/${day}`;
      if (!this.byDay.has(key) || rows.length === 0 || toDay - fromDay === 1)
        this.byDay.set(key, blockOfDay(rows, day));
    }
    return rows.length;
  }
}

function blockOfDay(rows: readonly string[][], day: number): CandleBlock {
  const from = day * DAY_MS;
  const own = rows.filter((row) => {
    const open = milliseconds(row[0]!);
    return open >= from && open < from + DAY_MS;
  });
  const block = createBlock(own.length);
  block.rows = own.length;
  own.forEach((row, i) => {
    block.openTime[i] = milliseconds(row[0]!);
    block.closeTime[i] = milliseconds(row[6]!);
  });
  const view = sliceBlock(block, 0, own.length);
  view.text = own.map((row) => [...row.slice(1, 6), ...row.slice(7, 11)]);
  return view;
}

/** Sixteen digits are microseconds, thirteen milliseconds. */
function milliseconds(text: string): number {
  return text.length >= 16 ? Math.floor(Number(text) / 1_000) : Number(text);
}
