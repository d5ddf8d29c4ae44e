import { type CandleSeries, formatTime, seriesKey, threeDayPhaseOf } from '@shared/market';
import { type Counters, hasEnded } from '../binance';
import type { CoverageService } from '../coverage';
import type { LedgerEntry } from '../questdb';
import type { ExchangeAccess } from './exchange-access';

/**
 * Learns where a series begins (and, for a delisted symbol, ends) and remembers it in the ledger, so that it is asked once in
 * the workspace's life. One request of the cheapest kind; nothing when it is known already.
 */
export async function learnLifetime(
  series: CandleSeries,
  deps: { exchange: ExchangeAccess; coverage: CoverageService },
  options: { jobId: string; counters: Counters; signal?: AbortSignal },
): Promise<void> {
  const { exchange, coverage } = deps;
  const known = await coverage.ledger(series);
  const info = await exchange.symbol(series.market, series.symbol, options.signal);
  const entries: LedgerEntry[] = [];
  const base: Omit<LedgerEntry, 'outcome' | 'range' | 'evidence'> = {
    at: exchange.now(),
    key: seriesKey(series),
    source: 'rest',
    rows: 0,
    absent: [],
    jobId: options.jobId,
  };
  const rest = exchange.rest(series.market);
  const call = { counters: options.counters, ...(options.signal ? { signal: options.signal } : {}) };

  if (known.firstCandle === null) {
    const first = await rest.firstCandle(series.symbol, series.interval, call);
    if (first !== null) {
      const evidence = `REST was asked for the first ${series.interval} candle of ${series.symbol}: it opens at ${formatTime(first)} UTC.`;
      entries.push({ ...base, outcome: 'first_candle', range: { from: first, to: first + 1 }, evidence });
      if (series.interval === '3d')
        entries.push({
          ...base,
          outcome: 'phase',
          range: { from: first, to: first + 1 },
          rows: threeDayPhaseOf(first),
          evidence,
        });
    }
  }
  if (hasEnded(info.status) && known.lastCandle === null) {
    const last = await rest.lastCandle(series.symbol, series.interval, call);
    if (last !== null) {
      const evidence = `The exchange lists ${series.symbol} as ${info.status}; REST's newest ${series.interval} candle opens at ${formatTime(last)} UTC.`;
      entries.push({ ...base, outcome: 'last_candle', range: { from: last, to: last + 1 }, evidence });
    }
  }
  await coverage.recordAnswers(entries, new Map([[seriesKey(series), series]]));
}
