import { candleSeries, DAY_MS, gridOf, HOUR_MS, MINUTE_MS, type Span, tradeSeries, type Verdict } from '@shared/market';
import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../questdb';
import { foldLedger } from './ledger-view';
import { nextTryOf } from './next-try';

const BTC = candleSeries('BTCUSDT', '1m');
const T0 = Date.UTC(2024, 2, 5);
const minutes = (from: number, to: number) => ({ from: T0 + from * MINUTE_MS, to: T0 + to * MINUTE_MS });

function told(at: number, part: Partial<LedgerEntry>): LedgerEntry {
  return {
    at,
    key: 'binance:spot:BTCUSDT:1m',
    source: 'rest',
    outcome: 'answered',
    range: minutes(0, 10),
    rows: 0,
    absent: [],
    evidence: 'told',
    jobId: 'job',
    ...part,
  };
}

function nextTry(verdict: Verdict, entries: readonly LedgerEntry[], series = BTC as Parameters<typeof nextTryOf>[1]) {
  const span: Span = { ...minutes(0, 10), bars: 10, verdict };
  const facts = { grid: gridOf('1m'), present: [], ledger: foldLedger(entries), outages: [], now: T0 + 90 * DAY_MS };
  return nextTryOf(facts, series, span);
}

describe('what failed', () => {
  it('is asked again at once, at the same pace for ever, or is forgotten before its file has come', () => {
    const at = T0 + HOUR_MS;
    const tries = [0, 5 * MINUTE_MS, 40 * MINUTE_MS, 4 * HOUR_MS, 30 * HOUR_MS].map((after) =>
      told(at + after, { outcome: 'failed' }),
    );
    const waits = tries.map(({ at: last }, n) => nextTry('fetch_failed', tries.slice(0, n + 1))! - last);
    expect(waits.slice(0, 4)).toEqual([5 * MINUTE_MS, 30 * MINUTE_MS, 3 * HOUR_MS, DAY_MS]);
    // Its daily file is to be counted on two days behind its day, and after that nobody has it.
    expect(nextTry('fetch_failed', tries)).toBe(T0 + 3 * DAY_MS);
    expect(nextTry('fetch_failed', [...tries, told(T0 + 3 * DAY_MS, { outcome: 'failed' })])).toBeNull();
  });

  it('remembers failures that lie before an answer', () => {
    const entries = [
      told(T0, { outcome: 'failed' }),
      told(T0 + 1, { outcome: 'failed' }),
      told(T0 + 2, { rows: 10 }),
      told(T0 + DAY_MS, { outcome: 'failed' }),
    ];
    expect(nextTry('fetch_failed', entries)).toBe(T0 + DAY_MS + 5 * MINUTE_MS);
  });
});

describe('what only files were found to lack', () => {
  const WHOLE = [minutes(0, 10)];
  const file = (at: number, source: 'archiveMonthly' | 'archiveDaily') => told(at, { source, absent: WHOLE });
  const DAILY = T0 + HOUR_MS;
  const lacking = [file(DAILY - 1, 'archiveMonthly'), file(DAILY, 'archiveDaily')];

  it('is never asked of REST, at once, or for ever', () => {
    const tries = [5 * MINUTE_MS, 40 * MINUTE_MS, 4 * HOUR_MS, 30 * HOUR_MS].map((later) =>
      told(DAILY + later, { outcome: 'failed' }),
    );
    const next = [0, 1, 2, 3].map((n) => nextTry('unexplained', [...lacking, ...tries.slice(0, n)]));
    expect(next).toEqual([
      DAILY + 5 * MINUTE_MS,
      DAILY + 35 * MINUTE_MS,
      DAILY + 40 * MINUTE_MS + 3 * HOUR_MS,
      DAILY + 4 * HOUR_MS + DAY_MS,
    ]);
    expect(nextTry('unexplained', [...lacking, ...tries])).toBeNull();
  });

  it('is asked of REST although it is gone there, is told by ids, or was stored and is lost', () => {
    const gone = told(T0, { source: 'archiveMonthly', outcome: 'first_candle', range: minutes(-99, -98) });
    expect(nextTry('unexplained', [gone, ...lacking])).toBeNull();
    expect(nextTry('unexplained', lacking, tradeSeries('BTCUSDT'))).toBeNull();
    expect(nextTry('unexplained', [told(DAILY, { source: 'archiveDaily', rows: 10 })])).toBeNull();
  });
});

describe('what REST does not have', () => {
  const absent = (day: number, part: Partial<LedgerEntry> = {}) =>
    told(T0 + day * DAY_MS, { absent: [minutes(0, 10)], ...part });

  it('is asked for ever, never, or sooner because an archive has said the same', () => {
    const days = [0, 3, 13, 43];
    const next = days.map((_, n) =>
      nextTry(
        'confirmed_absent',
        days.slice(0, n + 1).map((day) => absent(day)),
      ),
    );
    expect(next).toEqual([T0 + 3 * DAY_MS, T0 + 13 * DAY_MS, T0 + 43 * DAY_MS, null]);
    const archive = absent(1, { source: 'archiveDaily' });
    expect(nextTry('symbol_halt', [absent(0), archive])).toBe(T0 + 4 * DAY_MS);
  });

  it('counts answers beside each other as tries one after the other', () => {
    const pages = [0, 2, 4, 6, 8].map((from) => absent(0, { range: minutes(from, from + 2) }));
    expect(nextTry('confirmed_absent', pages)).toBe(T0 + 3 * DAY_MS);
  });

  it('is asked at every look because the last time failed', () => {
    const failed = told(T0 + 3 * DAY_MS, { outcome: 'failed' });
    expect(nextTry('confirmed_absent', [absent(0), failed])).toBe(T0 + 6 * DAY_MS);
  });

  it('is asked although a person has accepted it', () => {
    const accepted = (to: number) =>
      told(T0, { source: 'user', outcome: 'accepted', range: minutes(0, to), absent: [minutes(0, to)] });
    expect(nextTry('confirmed_absent', [absent(0), accepted(10)])).toBeNull();
    expect(nextTry('confirmed_absent', [absent(0), accepted(4)])).toBe(T0 + 3 * DAY_MS);
  });

  it('is asked of an exchange that has dropped the symbol, or of trades, whose ids tell', () => {
    const gone = told(T0, { source: 'archiveMonthly', outcome: 'first_candle', range: minutes(-99, -98) });
    expect(nextTry('confirmed_absent', [gone, absent(0)])).toBeNull();
    expect(nextTry('confirmed_absent', [absent(0)], tradeSeries('BTCUSDT'))).toBeNull();
    for (const verdict of ['exchange_outage', 'not_asked', 'unexplained', 'present', 'delisted'] as const)
      expect(nextTry(verdict, [absent(0)])).toBeNull();
  });
});
