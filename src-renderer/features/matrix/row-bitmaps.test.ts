import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { StripsPalette } from '../coverage';
import { layoutOf } from './matrix-layout';
import { buildMatrix, type MatrixLine } from './matrix-model';
import { RowBitmaps } from './row-bitmaps';
import { pageOf, summaryOf } from './test-series';

/** How often each canvas was drawn. */
const drawn = new Map<object, number>();

class CountingCanvas {
  getContext() {
    const clearRect = () => drawn.set(this, (drawn.get(this) ?? 0) + 1);
    const pen = { clearRect, measureText: () => ({ width: 10 }) };
    return new Proxy(pen, { get: (own, name) => Reflect.get(own, name) ?? (() => undefined), set: () => true });
  }
}

beforeEach(() => {
  drawn.clear();
  vi.stubGlobal('OffscreenCanvas', CountingCanvas);
});
afterEach(() => void vi.unstubAllGlobals());

const SYMBOLS = ['ADAUSDT', 'BNBUSDT', 'BTCUSDT'];
const INTERVALS = ['1m', '1h'];
const KEYS = SYMBOLS.flatMap((symbol) => INTERVALS.map((interval) => `binance:spot:${symbol}:${interval}`));
const PLAIN = {
  order: { by: 'symbol' as const, reversed: false },
  grouped: true,
  collapsed: new Set<string>(),
  needsAction: false,
};

/** The lines of a matrix as they come anew with each change, of pages that stay the same where nothing changed. */
function linesOf(pages: ReadonlyMap<string, ReturnType<typeof pageOf>>): readonly MatrixLine[] {
  const series = KEYS.map((key) => summaryOf(key));
  return buildMatrix(series, series, (key) => pages.get(key) ?? null, PLAIN).lines;
}

it('a candle that was written draws other rows than that of its own series again', () => {
  const bitmaps = new RowBitmaps({} as StripsPalette);
  const look = { layout: layoutOf(1_000, INTERVALS.length), ratio: 1, extent: { from: 0, to: 600_000 } };
  const columns = { count: 0, from: new Float64Array(), to: new Float64Array(), verdict: new Uint8Array() };
  const pages = new Map(KEYS.map((key) => [key, { ...pageOf(key, 0), columns }]));
  const frame = () => {
    bitmaps.prepare(look);
    const lines = linesOf(pages);
    const drawnOf = (line: MatrixLine) => drawn.get(bitmaps.get(line, lines.length, true)!);
    return new Map(lines.map((line) => [line.id, drawnOf(line)]));
  };
  const first = frame();
  expect(first.size).toBe(1 + SYMBOLS.length);
  expect([...frame().values()]).toEqual([...first.values()]);

  pages.set('binance:spot:BNBUSDT:1m', { ...pageOf('binance:spot:BNBUSDT:1m', 0), columns });
  expect([...frame()].filter(([id, times]) => times !== first.get(id)).map(([id]) => id)).toEqual(['spot:BNBUSDT']);

  // What its group counts changes too.
  pages.set('binance:spot:BNBUSDT:1m', { ...pageOf('binance:spot:BNBUSDT:1m', 7), columns });
  const changed = [...frame()].filter(([, times]) => times !== 1).map(([id]) => id);
  expect(changed.sort()).toEqual([expect.stringContaining('USDT'), 'spot:BNBUSDT'].sort());
});
