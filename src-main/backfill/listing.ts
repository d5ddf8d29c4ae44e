import {
  formatTime,
  GONE,
  gridIntervalOf,
  gridOf,
  hasEnded,
  type StoredSeries,
  seriesKey,
  threeDayPhaseOf,
} from '@shared/market';
import { archiveRange, type Counters, readKlineArchive } from '../binance';
import type { CoverageService } from '../coverage';
import type { LedgerEntry } from '../questdb';
import type { ExchangeAccess } from './exchange-access';
import { monthOf } from './publication';

interface ListingDeps {
  exchange: ExchangeAccess;
  coverage: CoverageService;
}

interface ListingOptions {
  jobId: string;
  counters: Counters;
  signal?: AbortSignal;
}

type Fact = Pick<LedgerEntry, 'outcome' | 'range' | 'evidence' | 'source'> & { rows?: number };

/** A symbol that is said to have ended may still come back while its newest candle is younger than this. */
const CERTAINLY_OVER_MS = 2 * 86_400_000;

/**
 * Learns where a series begins (and, for a delisted symbol, ends) and remembers it in the ledger, so that it is asked once in
 * the workspace's life. One request of the cheapest kind, of the archive's listing for a symbol that the exchange has dropped;
 * nothing when it is known already.
 */
export async function learnLifetime(series: StoredSeries, deps: ListingDeps, options: ListingOptions): Promise<void> {
  const { exchange, coverage } = deps;
  const { status } = await exchange.symbol(series.market, series.symbol, options.signal);
  const facts =
    status === GONE ? await factsOfArchive(series, deps, options) : await factsOfRest(series, status, deps, options);
  const key = seriesKey(series);
  const at = exchange.now();
  const entries = facts.map((fact) => ({ at, key, rows: 0, absent: [], jobId: options.jobId, ...fact }));
  await coverage.recordAnswers(entries, new Map([[key, series]]));
}

async function factsOfRest(
  series: StoredSeries,
  status: string,
  { exchange, coverage }: ListingDeps,
  { counters, signal }: ListingOptions,
): Promise<Fact[]> {
  const { symbol } = series;
  // Trades begin and end in the minutes of the first and last candle.
  const interval = gridIntervalOf(series);
  const known = await coverage.ledger(series);
  const rest = exchange.rest(series.market);
  const call = { counters, ...(signal ? { signal } : {}) };
  const facts: Fact[] = [];
  // A symbol that was gone and is listed again is asked about anew.
  if (known.firstCandle === null || known.archiveOnly) {
    const first = await rest.firstCandle(symbol, interval, call);
    if (first !== null) {
      const evidence = `REST was asked for the first ${interval} candle of ${symbol}: it opens at ${formatTime(first)} UTC.`;
      facts.push(factAt('first_candle', first, 'rest', evidence));
      if (interval === '3d') facts.push(phaseFact(first, 'rest', evidence));
    }
  }
  if (hasEnded(status) && (known.lastCandle === null || known.archiveOnly)) {
    const last = await rest.lastCandle(symbol, interval, call);
    if (last !== null && isOver(series, last, exchange.now())) {
      const evidence = `The exchange lists ${symbol} as ${status}; REST's newest ${interval} candle opens at ${formatTime(last)} UTC.`;
      facts.push(factAt('last_candle', last, 'rest', evidence));
    }
  }
  return facts;
}

async function factsOfArchive(series: StoredSeries, deps: ListingDeps, options: ListingOptions): Promise<Fact[]> {
  const { exchange, coverage } = deps;
  const { market, symbol } = series;
  const interval = gridIntervalOf(series);
  const known = await coverage.ledger(series);
  if (known.archiveOnly && known.lastCandle !== null) return [];
  const life = await exchange.candleLife(market, symbol, interval, options.signal);
  if (life.first === null || life.last === null) return [];
  const phase = interval === '3d' ? await phaseInArchive(series, life.first, deps, options) : undefined;
  const grid = gridOf(interval, phase);
  // What the exchange itself said while it still knew the symbol is exact.
  const first = known.firstCandle ?? grid.openAt(grid.indexOf(life.first));
  const last = known.lastCandle ?? grid.openAt(grid.indexOf(life.last));
  const dropped = `The exchange no longer lists ${symbol}; only its archive has candles of it`;
  const source = 'archiveMonthly';
  const facts = [
    factAt('first_candle', first, source, `${dropped}, the first at ${formatTime(first)} UTC or later.`),
    factAt('last_candle', last, source, `${dropped}, the last at ${formatTime(last)} UTC or earlier.`),
  ];
  if (phase !== undefined && known.threeDayPhase === null)
    facts.push({ ...phaseFact(life.first, source, `${dropped}, and its first file tells their grid.`), rows: phase });
  return facts;
}

/** The grid of `3d` candles shows in any row: the first file is a small one. Undefined when it cannot be had. */
async function phaseInArchive(
  series: StoredSeries,
  first: number,
  { exchange }: ListingDeps,
  { counters, signal }: ListingOptions,
): Promise<number | undefined> {
  const { market, symbol } = series;
  const interval = gridIntervalOf(series);
  const period = monthOf(first);
  const call = { counters, ...(signal ? { signal } : {}) };
  const answer = await exchange.archives.download({ market, symbol, interval, period }, call);
  if (answer.kind !== 'file') return undefined;
  const { zip, checksum, file } = answer;
  const { candles } = await readKlineArchive({ zip, checksum, file, symbol, interval, range: archiveRange(period) });
  return candles.rows > 0 ? threeDayPhaseOf(candles.openTime[0]!) : undefined;
}

function factAt(outcome: 'first_candle' | 'last_candle', open: number, source: Fact['source'], evidence: string): Fact {
  return { outcome, range: { from: open, to: open + 1 }, source, evidence };
}

function phaseFact(open: number, source: Fact['source'], evidence: string): Fact {
  return { outcome: 'phase', range: { from: open, to: open + 1 }, rows: threeDayPhaseOf(open), source, evidence };
}

/** Trading may only be interrupted: a candle that has just closed is no end yet. */
function isOver(series: StoredSeries, last: number, now: number): boolean {
  const grid = gridOf(gridIntervalOf(series));
  return grid.openAt(grid.indexOf(last) + 1) + CERTAINLY_OVER_MS <= now;
}
