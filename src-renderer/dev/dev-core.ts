import {
  AppError,
  type AppState,
  type BackfillPlan,
  type BackfillRequest,
  encodeCandleFrame,
  type Preflight,
  type RequestHandlers,
  type RunNeed,
  type StreamHandlers,
  type UniverseSymbol,
} from '@shared/contract';
import {
  candleSeries,
  countBars,
  createCandleColumns,
  DAY_MS,
  gridIntervalOf,
  gridOf,
  intersectRanges,
  type Market,
  parseStoredSeriesKey,
  type Range,
  seriesKey,
  tradeSeries,
} from '@shared/market';
import { EventHub } from '@shared/rpc';
import { DevAdoption } from './dev-adoption';
import { DevCuration } from './dev-curation';
import { EVIDENCE } from './dev-evidence';
import { DevJobs } from './dev-jobs';
import { DevSeries, devMatrixList, devSeriesList, randomOf } from './dev-series';
import { DevVerdicts } from './dev-verdicts';

export interface DevCoreOptions {
  /** Number of series at the start, or symbols and intervals. */
  series: number | { symbols: number; intervals: number };
  /** Gaps scattered over all series, beside those that each has. */
  gaps?: number;
  /** Tables of other programs. */
  foreign?: number;
  /** Phase shown at the start; `starting` goes on to `ready` after the given time, null stays. */
  phase: AppState['phase'];
  startMs: number | null;
}

/** Some 1,400 invented symbols, one in nine of them delisted and one in forty gone. */
function devUniverse(market: Market): UniverseSymbol[] {
  const quotes = market === 'cm' ? ['USD'] : ['USDT', 'USDC', 'BTC', 'ETH', 'EUR', 'TRY'];
  return Array.from({ length: 1_400 }, (_, index) => {
    const quoteAsset = quotes[index % quotes.length]!;
    const baseAsset = `${String.fromCharCode(65 + (index % 26))}${String.fromCharCode(65 + ((index * 7) % 26))}${index}`;
    const symbol = market === 'cm' ? `${baseAsset}${quoteAsset}_PERP` : baseAsset + quoteAsset;
    const status = index % 40 === 39 ? 'GONE' : index % 9 === 8 ? 'BREAK' : 'TRADING';
    return { market, symbol, baseAsset, quoteAsset, status, archived: index % 11 !== 10 };
  });
}

/** A core without database or exchange, for work on the window: invented coverage, jobs that progress, every verdict. */
export class DevCore {
  readonly events = new EventHub();
  readonly #series: DevSeries[];
  readonly #startMs: number | null;
  readonly #curation = new DevCuration(
    () => this.#series,
    (series) => this.#tellOf(series),
  );
  readonly #verdicts = new DevVerdicts(
    (key) => this.#find(key),
    (series) => this.#tellOf(series),
  );
  readonly #jobs = new DevJobs({
    find: (key) => this.#find(key),
    events: this.events,
    wrote: (batch) => this.#curation.wrote(batch),
  });
  readonly #adoption = new DevAdoption(this.events);
  #state: AppState;

  constructor(options: DevCoreOptions) {
    const { series } = options;
    this.#adoption.invent(options.foreign ?? 0);
    this.#series =
      typeof series === 'number'
        ? devSeriesList(series, Date.now())
        : devMatrixList(series.symbols, series.intervals, Date.now());
    const full = this.#series.filter((each) => each.spans.length > 0);
    for (const each of full) each.scatter(Math.round((options.gaps ?? 0) / full.length));
    this.#startMs = options.startMs;
    this.#state = devState(options.phase);
    if (options.phase === 'starting') this.#begin();
  }

  readonly requests: RequestHandlers = {
    'app.get_state': () => this.#state,
    'app.complete_setup': ({ practice }) => {
      this.#change({ ...devState('starting'), exchange: { ...devState('starting').exchange, practice } });
      this.#begin();
      return this.#state;
    },
    'app.retry_start': () => {
      this.#change(devState('starting'));
      this.#begin();
      return this.#state;
    },
    'symbols.search': ({ query, limit }) => {
      const all = devSeriesList(230, Date.now()).map((each) => each.symbol);
      const symbols = [...new Set(all)].sort().filter((symbol) => symbol.includes(query.toUpperCase()));
      return {
        total: symbols.length,
        symbols: symbols.slice(0, limit).map((symbol, index) => ({
          market: 'spot' as const,
          symbol,
          baseAsset: symbol.replace(/(USDT|BTC|ETH|BNB|EUR|TRY)$/, ''),
          quoteAsset: /(USDT|BTC|ETH|BNB|EUR|TRY)$/.exec(symbol)?.[0] ?? '',
          status: index % 17 === 16 ? 'BREAK' : 'TRADING',
        })),
      };
    },
    'universe.list': ({ market }) => ({
      market,
      symbols: devUniverse(market),
      findings:
        market === 'um' ? ['Symbols that the exchange no longer lists are not known: the listing answers 503.'] : [],
    }),
    'universe.life': ({ market, symbols }) => ({
      lives: symbols.map((symbol) => {
        const random = randomOf(symbol);
        const first = Date.UTC(2017, 7 + Math.floor(random() * 60), 1 + Math.floor(random() * 27));
        const ended = devUniverse(market).some((each) => each.symbol === symbol && each.status !== 'TRADING');
        const last = ended ? first + Math.floor(random() * 900) * DAY_MS : null;
        const failure = random() < 0.04 ? 'The exchange answered 503 three times.' : null;
        return { symbol, life: failure ? null : { first, last, source: 'rest' as const }, failure };
      }),
    }),
    'series.list': () => ({ series: this.#series.map((each) => each.summary()) }),
    'series.add': ({ market, symbols, intervals, aggTrades }) => {
      for (const symbol of symbols) {
        const candles = intervals.map((interval) => candleSeries(symbol, interval, market));
        for (const each of aggTrades ? [...candles, tradeSeries(symbol, market)] : candles) {
          const key = seriesKey(each);
          if (!this.#series.some((each) => each.key === key))
            this.#series.push(new DevSeries(key, 1, Date.now(), true));
        }
      }
      this.events.emit('series.list_changed', {});
      return { series: this.#series.map((each) => each.summary()) };
    },
    'series.remove': ({ keys }) => {
      const before = this.#series.length;
      this.#series.splice(0, before, ...this.#series.filter((each) => !keys.includes(each.key)));
      this.events.emit('series.list_changed', {});
      return { removed: before - this.#series.length };
    },
    'coverage.read': ({ keys }) => ({ reports: keys.map((key) => this.#find(key).report()) }),
    'coverage.refresh': ({ keys }) => ({ reports: keys.map((key) => this.#find(key).report()) }),
    'coverage.explain': ({ key, at }) => {
      const series = this.#find(key);
      const span = series.spans.find((each) => at >= each.from && at < each.to);
      if (!span) throw new AppError('usage.no_span', 'Nothing is known of this moment yet.');
      const gaps = series.spans.filter((each) => each.verdict !== 'present');
      const number = gaps.indexOf(span) + 1;
      return {
        span: { ...span, evidence: EVIDENCE[span.verdict] },
        series: parseStoredSeriesKey(key)!,
        gapNumber: number > 0 ? number : null,
        gapCount: gaps.length,
      };
    },
    'gaps.export': ({ items, verdicts }) => {
      const gaps = items.flatMap(({ key, range }) =>
        this.#find(key).spans.filter(
          (span) => verdicts.includes(span.verdict) && span.from < range.to && span.to > range.from,
        ),
      ).length;
      return { path: '/home/someone/.local/share/tapemend/workspace/exports/gaps-2026-01-02T030405Z.csv', gaps };
    },
    'backfill.plan': (body) => this.#plan(body),
    'run.preflight': ({ needs }) => this.#preflight(needs),
    'backfill.start': (body) => {
      const plan = this.#plan(body);
      return { jobId: this.#jobs.start(plan, body.priority) };
    },
    ...this.#jobs.requests,
    ...this.#curation.requests,
    ...this.#verdicts.requests,
    ...this.#adoption.requests,
    'replay.open': noReplay,
    'replay.play': noReplay,
    'replay.pause': noReplay,
    'replay.step': noReplay,
    'replay.seek': noReplay,
    'replay.set_pace': noReplay,
    'replay.close': () => ({ closed: true }),
  };

  readonly streams: StreamHandlers = {
    'candles.read': ({ key, range, maxBars }) => this.#candles(key, range, maxBars ?? 5_000),
    'replay.candles': noReplay,
  };

  #find(key: string): DevSeries {
    const series = this.#series.find((each) => each.key === key);
    if (!series) throw new AppError('usage.unknown_series', `${key} is not on the list.`);
    return series;
  }

  #tellOf(series: DevSeries): void {
    this.events.emit('coverage.changed', { summaries: [series.summary()] });
  }

  #change(state: AppState): void {
    this.#state = state;
    this.events.emit('app.state_changed', state);
  }

  #begin(): void {
    if (this.#startMs === null) return;
    const { exchange } = this.#state;
    setTimeout(
      () =>
        this.#change({
          ...devState('ready'),
          exchange: { ...devState('ready').exchange, practice: exchange.practice },
        }),
      this.#startMs,
    );
  }

  #missing(key: string, range: Range): Range[] {
    const series = this.#series.find((each) => each.key === key);
    if (!series) return [];
    const wanted = series.spans.filter((span) => ['unexplained', 'not_asked', 'fetch_failed'].includes(span.verdict));
    if (series.spans.length === 0) return [range];
    const last = series.spans.at(-1)!.to;
    return [
      ...intersectRanges(wanted, [range]),
      ...(range.to > last ? [{ from: Math.max(range.from, last), to: range.to }] : []),
    ];
  }

  #preflight(needs: readonly RunNeed[]): Preflight {
    const plan = this.#plan({ items: [...needs], source: 'auto' });
    const states = plan.series.map(({ key, range, asked, alreadyPresent, gaps }) => {
      const missing = asked - alreadyPresent;
      return { key, range, bars: asked, present: alreadyPresent, explained: 0, holes: gaps.length, missing };
    });
    const items = states.filter(({ holes }) => holes > 0).map(({ key, range }) => ({ key, range }));
    return {
      needs: states,
      ready: items.length === 0,
      holes: plan.totals.gaps,
      missing: plan.totals.bars,
      items,
      estimateMs: items.length > 0 ? plan.totals.estimateMs : null,
    };
  }

  #plan(body: BackfillRequest): BackfillPlan {
    const series = body.items.map(({ key, range }) => {
      const grid = gridOf(gridIntervalOf(parseStoredSeriesKey(key)!));
      const gaps = this.#missing(key, range);
      const asked = countBars(grid, range);
      const missing = gaps.reduce((sum, gap) => sum + countBars(grid, gap), 0);
      return {
        key,
        range,
        asked,
        alreadyPresent: Math.max(0, asked - missing),
        knownAbsent: 0,
        gaps,
        pages: gaps.map((gap) => ({
          tier: 'archiveDaily' as const,
          range: gap,
          bars: countBars(grid, gap),
          file: 'invented.zip',
        })),
        pageCount: gaps.length,
      };
    });
    const bars = series.reduce((sum, each) => sum + each.asked - each.alreadyPresent, 0);
    const gaps = series.reduce((sum, each) => sum + each.gaps.length, 0);
    const days = Math.ceil(bars / 1_440);
    const archiveMonthly = Math.floor(days / 30);
    const archiveDaily = days % 30;
    const rest = bars === 0 ? 0 : 1 + (gaps % 5);
    return {
      source: body.source,
      series,
      totals: {
        bars,
        gaps,
        archiveMonthly,
        archiveDaily,
        rest,
        requests: archiveMonthly + archiveDaily + rest,
        weight: rest * 2,
        bytes: bars * 49,
        refetched: 0,
        estimateMs: 300 + bars / 400,
      },
    };
  }

  async *#candles(key: string, range: Range, maxBars: number): AsyncIterable<ArrayBuffer> {
    const series = this.#find(key);
    const grid = gridOf(series.interval);
    const random = randomOf(`${key} ${Math.floor(range.from / DAY_MS)}`);
    const bars = countBars(grid, range);
    const stride = Math.max(1, Math.ceil(bars / maxBars));
    const columns = createCandleColumns(Math.ceil(bars / stride) + 1);
    let price = 40_000;
    for (let i = grid.indexOf(range.from - 1) + 1; grid.openAt(i) < range.to; i += stride) {
      const t = grid.openAt(i);
      const open = price;
      price *= 1 + (random() - 0.5) * 0.004;
      if (!series.spans.some((span) => span.verdict === 'present' && t >= span.from && t < span.to)) continue;
      const row = columns.rows++;
      columns.openTime[row] = t;
      columns.open[row] = open;
      columns.close[row] = price;
      columns.high[row] = Math.max(open, price) * (1 + random() * 0.001);
      columns.low[row] = Math.min(open, price) * (1 - random() * 0.001);
      columns.volume[row] = 5 + random() * 50;
      columns.trades[row] = Math.round(random() * 900);
    }
    yield encodeCandleFrame(columns);
  }
}

function noReplay(): never {
  throw new AppError(
    'replay.unavailable',
    'The development core replays nothing; the chart has a workbench of its own.',
  );
}

const JAVA_TOO_OLD =
  'QuestDB 9.3.4 needs Java 17 or newer; java on the PATH is 11. Install a newer one, or set JAVA_HOME.';

function devState(phase: AppState['phase']): AppState {
  const ready = phase === 'ready';
  return {
    version: '0.1.0-dev',
    phase,
    workspace: '/home/someone/.local/share/tapemend/workspace',
    questdb: {
      state: ready ? 'running' : phase === 'failed' ? 'failed' : 'starting',
      managed: true,
      version: ready ? '9.3.4' : null,
      address: ready ? '127.0.0.1:41235' : null,
      detail: ready ? null : phase === 'failed' ? JAVA_TOO_OLD : 'downloading QuestDB 9.3.4 (12 of 30 MB)',
    },
    exchange: {
      reachable: ready,
      practice: false,
      serverTime: Date.now(),
      clockOffsetMs: ready ? 34 : null,
      weight: { used: ready ? 412 : 0, limit: 6_000 },
      markets: [
        {
          market: 'spot',
          used: ready ? 412 : 0,
          limit: 6_000,
          share: 0.5,
          blockedUntil: null,
          blockedBecause: null,
          waiting: 0,
          nextAt: null,
        },
        {
          market: 'um',
          used: 1_150,
          limit: 2_400,
          share: 0.5,
          blockedUntil: null,
          blockedBecause: null,
          waiting: 3,
          nextAt: Date.now() + 12_000,
        },
      ],
      detail: null,
    },
    failure: phase === 'failed' ? { code: 'questdb.java_too_old', message: JAVA_TOO_OLD } : null,
    resumedJobs: 0,
  };
}
