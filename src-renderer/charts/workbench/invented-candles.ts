import {
  type CandleColumns,
  createCandleColumns,
  type Interval,
  intervalMs,
  type Range,
  type Span,
} from '@shared/market';

/** Candles that depend on their minute alone, so that any window of them can be made without the ones before. */
export function inventedCandles(range: Range, interval: Interval): CandleColumns {
  const step = intervalMs(interval);
  const rows = Math.max(0, Math.floor((range.to - range.from) / step));
  const candles = createCandleColumns(rows);
  candles.rows = rows;
  let close = priceAt(range.from - step, step);
  for (let row = 0; row < rows; row++) {
    const t = range.from + row * step;
    const open = close;
    close = priceAt(t, step);
    const wick = Math.abs(noise(t / step, 3)) * 0.0012;
    candles.openTime[row] = t;
    candles.open[row] = open;
    candles.close[row] = close;
    candles.high[row] = cents(Math.max(open, close) * (1 + wick));
    candles.low[row] = cents(Math.min(open, close) * (1 - wick));
    candles.volume[row] = cents(20 + 300 * noise(t / step, 5) ** 2 + Math.abs(close - open) * 12);
    candles.trades[row] = Math.round(candles.volume[row]! * 3);
  }
  return candles;
}

function priceAt(t: number, step: number): number {
  const n = t / step;
  const slow = Math.sin(n / 9_000) * 0.16 + Math.sin(n / 1_340) * 0.05 + Math.sin(n / 190) * 0.014;
  return cents(1_800 * (1 + slow + Math.sin(n / 23) * 0.003 + noise(n, 1) * 0.0012));
}

function noise(n: number, salt: number): number {
  const x = Math.sin(n * 12.9898 + salt * 78.233) * 43_758.5453;
  return (x - Math.floor(x)) * 2 - 1;
}

const cents = (value: number) => Math.round(value * 100) / 100;

export const WORKBENCH_RANGE: Range = { from: Date.UTC(2020, 10, 1), to: Date.UTC(2021, 5, 1) };

/** A coverage with every verdict: days after the start, length in minutes. */
export const WORKBENCH_SPANS: readonly Span[] = spansOf([
  [0, 1_440 * 3, 'not_listed_yet'],
  [29.25, 143, 'exchange_outage'],
  [50, 79, 'exchange_outage'],
  [80, 1, 'unexplained'],
  [80.1, 12, 'confirmed_absent'],
  [95, 40, 'symbol_halt'],
  [108, 1_440, 'unexplained'],
  [110, 300, 'fetch_failed'],
  [112, 90, 'exchange_outage'],
  [130, 1_440 * 20, 'not_asked'],
  [211.9, 144, 'not_closed_yet'],
]);

function spansOf(missing: readonly (readonly [number, number, Span['verdict']])[]): Span[] {
  const spans: Span[] = [];
  let at = WORKBENCH_RANGE.from;
  const push = (to: number, verdict: Span['verdict']) => {
    if (to > at) spans.push({ from: at, to, bars: (to - at) / 60_000, verdict });
    at = to;
  };
  for (const [days, minutes, verdict] of missing) {
    const from = WORKBENCH_RANGE.from + days * 86_400_000;
    push(from, 'present');
    push(from + minutes * 60_000, verdict);
  }
  push(WORKBENCH_RANGE.to, 'present');
  return spans;
}

/** The candles that the coverage says are there. */
export function storedCandles(range: Range): CandleColumns[] {
  return WORKBENCH_SPANS.filter(
    (span) => span.verdict === 'present' && span.from < range.to && span.to > range.from,
  ).map((span) => inventedCandles({ from: Math.max(span.from, range.from), to: Math.min(span.to, range.to) }, '1m'));
}
