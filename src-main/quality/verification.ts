import type { Finding, FindingKind, ProvenanceSpan, VerifyAgainst, VerifySeries } from '@shared/contract';
import {
  alignRange,
  type CandleColumns,
  type CandleSeries,
  ceilToGrid,
  floorToGrid,
  type Grid,
  intersectRanges,
  type Range,
  type Series,
  type StoredSeries,
  seriesKey,
  type TradeColumns,
  tableName,
} from '@shared/market';
import type { ExchangeAccess } from '../backfill';
import type { CoverageService, OutageCatalogue } from '../coverage';
import { provenanceOf } from '../provenance';
import { findingOf, type QuestDbStore } from '../questdb';
import type { Comparison } from './compare-bars';
import { compareWithFiner, compareWithTrades, finerSeries } from './interval-checks';
import { DECIDES, type Observation } from './observation';
import { originName } from './origin-name';
import type { Seam } from './seam-check';
import { compareWithArchive, compareWithRest } from './source-checks';
import { checkStored } from './stored-checks';

export interface VerificationDeps {
  store: Pick<QuestDbStore, 'findingsAppend' | 'findingsRead'>;
  coverage: Pick<CoverageService, 'entries' | 'grid' | 'ledger' | 'refresh' | 'report'>;
  catalogue: Pick<OutageCatalogue, 'windows'>;
  exchange: ExchangeAccess;
  readCandles(series: CandleSeries, range: Range): AsyncIterable<CandleColumns>;
  readTrades(series: Series, range: Range): AsyncIterable<TradeColumns>;
}

export interface VerifyOptions {
  /** Null: stored data against itself. */
  against: VerifyAgainst | null;
  range: Range | null;
  signal: AbortSignal;
  onProgress?: (progress: { key: string; rows: number; of: number }) => void;
}

/** Kinds that say that something is wrong with the rows; the others are information about the market or the source. */
const FAULTS: ReadonlySet<FindingKind> = new Set([
  'impossible_candle',
  'duplicate_rows',
  'archive_seam',
  'source_difference',
  'filled_candle',
  'phantom_candle',
]);

/** Audits of what is stored. Nothing is changed but the list of findings. */
export class Verification {
  constructor(private readonly deps: VerificationDeps) {}

  /** `stored` names every series of the symbol with rows, for comparisons between intervals and with trades. */
  async verify(series: CandleSeries, stored: readonly StoredSeries[], options: VerifyOptions): Promise<VerifySeries> {
    const { coverage } = this.deps;
    // The model is derived from content anew: an audit does not trust what is remembered.
    await coverage.refresh(series);
    const grid = await coverage.grid(series);
    const report = await coverage.report(series, options.range ?? undefined);
    const present = report.spans.filter(({ verdict }) => verdict === 'present').map(({ from, to }) => ({ from, to }));
    const range = alignRange(grid, report.range);
    const result = await this.#look(series, stored, { grid, present, bars: report.bars }, options);
    const { findings, fixed } = await this.#remember(series, range, result.observations, options.against);
    return {
      key: seriesKey(series),
      table: tableName(series),
      range: report.range,
      bars: report.bars,
      missing: report.missing,
      notAsked: report.spans.reduce((sum, { verdict, bars }) => sum + (verdict === 'not_asked' ? bars : 0), 0),
      flat: result.flat,
      compared: result.compared,
      different: result.different,
      findings,
      fixed,
      faults: findings.filter(({ kind, state }) => FAULTS.has(kind) && state !== 'accepted').length,
      failures: result.failures,
    };
  }

  async #look(
    series: CandleSeries,
    stored: readonly StoredSeries[],
    { grid, present, bars }: { grid: Grid; present: readonly Range[]; bars: number },
    options: VerifyOptions,
  ): Promise<Looked> {
    const { catalogue, coverage, exchange, readCandles, readTrades } = this.deps;
    const { against, signal } = options;
    const empty: Looked = { observations: [], flat: null, compared: 0, different: 0, failures: [] };
    if (present.length === 0) return empty;
    const key = seriesKey(series);
    const extent = { from: present[0]!.from, to: present[present.length - 1]!.to };
    const onBars = (rows: number): void => {
      signal.throwIfAborted();
      options.onProgress?.({ key, rows, of: bars });
    };
    if (against === null) {
      const origins = provenanceOf(await coverage.entries(series), extent);
      const { absentAtRest } = await coverage.ledger(series);
      const standstills = { stops: catalogue.windows(series), deniedByRest: absentAtRest, origins };
      const { rows, flat, observations } = await checkStored(
        readCandles(series, extent),
        grid,
        { seams: seamsOf(origins), standstills, now: exchange.now() },
        onBars,
      );
      return { ...empty, observations, flat, compared: rows };
    }
    if (against === 'intervals') {
      const sources = { readCandles, readTrades };
      const finer = finerSeries(
        series,
        stored.filter((each): each is CandleSeries => each.kind === 'kline'),
      );
      const byFiner = finer ? await compareWithFiner(series, grid, finer, extent, sources) : empty;
      const trades = stored.find((each) => each.kind === 'aggTrade');
      const byTrades = trades ? await this.#compareWithTrades(series, grid, trades, extent) : empty;
      return {
        ...empty,
        compared: byFiner.compared + byTrades.compared,
        different: byFiner.different + byTrades.different,
        observations: [...byFiner.observations, ...byTrades.observations],
      };
    }
    const sources = { exchange, readCandles };
    const asked = { series, grid, present, signal, onBars };
    const compared = await (against === 'rest' ? compareWithRest(sources, asked) : compareWithArchive(sources, asked));
    return { ...empty, ...compared };
  }

  /** Only bars of which every trade is stored are held against their trades. */
  async #compareWithTrades(series: CandleSeries, grid: Grid, trades: StoredSeries, extent: Range): Promise<Comparison> {
    const { spans } = await this.deps.coverage.report(trades, extent);
    const whole = spans
      .filter(({ verdict }) => verdict === 'present')
      .map(({ from, to }) => ({ from: ceilToGrid(grid, from), to: floorToGrid(grid, to) }))
      .filter(({ from, to }) => from < to);
    return compareWithTrades(series, trades, whole, this.deps);
  }

  /** What was noticed becomes findings, once each; what was known of the same kinds and is gone is fixed. */
  async #remember(
    series: CandleSeries,
    range: Range,
    observations: readonly Observation[],
    against: VerifyAgainst | null,
  ): Promise<{ findings: Finding[]; fixed: number }> {
    const { store, exchange } = this.deps;
    const key = seriesKey(series);
    const at = Math.floor(exchange.now());
    const found = observations.map((each) =>
      findingOf({
        at,
        key,
        kind: each.kind,
        range: each.range,
        subject: against ?? 'itself',
        sentence: `${series.symbol} ${series.interval}: ${each.sentence}`,
        data: { count: each.count, against, ...(each.data as object) },
      }),
    );
    const ids = new Set(found.map(({ id }) => id));
    const decides: readonly FindingKind[] = DECIDES[against ?? 'itself'];
    const known = await store.findingsRead({ keys: [key] });
    const gone = known.filter(
      (finding) =>
        finding.state === 'new' &&
        decides.includes(finding.kind) &&
        (finding.data as { against?: unknown } | null)?.against === against &&
        !ids.has(finding.id) &&
        intersectRanges([range], [finding.range]).length > 0,
    );
    await store.findingsAppend([...found, ...gone.map((finding) => ({ ...finding, state: 'fixed' as const }))]);
    const states = new Map(known.map(({ id, state }) => [id, state]));
    const stateOf = (id: string): Finding['state'] => (states.get(id) === 'accepted' ? 'accepted' : 'new');
    return { findings: found.map((finding) => ({ ...finding, state: stateOf(finding.id) })), fixed: gone.length };
  }
}

interface Looked {
  observations: Observation[];
  flat: number | null;
  compared: number;
  different: number;
  failures: string[];
}

/** Where rows of one file end and those of another file, or of REST, begin. */
function seamsOf(spans: readonly ProvenanceSpan[]): Seam[] {
  return spans.flatMap((span, index) => {
    const before = spans[index - 1];
    if (!before || before.to !== span.from) return [];
    const [left, right] = [originName(before), originName(span)];
    return left === right ? [] : [{ at: span.from, before: left, after: right }];
  });
}
