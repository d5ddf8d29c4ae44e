import type { CoverageReport, SeriesSummary } from '@shared/contract';
import {
  candleSeries,
  countBars,
  DAY_MS,
  gridIntervalOf,
  gridOf,
  type Interval,
  isInterval,
  MINUTE_MS,
  parseStoredSeriesKey,
  type Range,
  type Span,
  seriesKey,
  tableName,
  type Verdict,
  verdictClass,
} from '@shared/market';

/** Series of the development core: invented coverage with every verdict, the same for the same name and day. */

const BASES =
  'BTC ETH BNB XRP ADA SOL DOGE DOT LINK LTC AVAX MATIC TRX ATOM UNI ETC XLM FIL ICP NEAR APT ARB OP SUI INJ SEI TIA RUNE AAVE MKR ALGO VET GRT EGLD THETA AXS SAND MANA CHZ ENJ'.split(
    ' ',
  );

/** Made-up stops of the exchange: start and length in minutes. */
const OUTAGES: readonly (readonly [number, number])[] = [
  [Date.UTC(2017, 8, 6, 16), 420],
  [Date.UTC(2018, 1, 8, 0, 28), 2_000],
  [Date.UTC(2018, 5, 26, 2), 600],
  [Date.UTC(2018, 9, 19, 7), 170],
  [Date.UTC(2019, 2, 12, 2), 360],
  [Date.UTC(2019, 4, 15, 3), 600],
  [Date.UTC(2019, 10, 13, 2), 180],
  [Date.UTC(2020, 1, 19, 11, 40), 315],
  [Date.UTC(2020, 5, 28, 2), 210],
  [Date.UTC(2020, 10, 30, 6), 60],
  [Date.UTC(2020, 11, 21, 14), 200],
  [Date.UTC(2021, 1, 11, 3, 40), 80],
  [Date.UTC(2021, 3, 25, 4, 1), 284],
  [Date.UTC(2021, 7, 13, 2), 270],
  [Date.UTC(2023, 2, 24, 11, 39), 140],
];

export class DevSeries {
  readonly key: string;
  readonly interval: Interval;
  readonly symbol: string;
  readonly listedAt: number;
  spans: Span[];
  revision = 1;

  constructor(key: string, index: number, now: number, empty = false) {
    const series = parseStoredSeriesKey(key)!;
    this.key = key;
    this.interval = gridIntervalOf(series);
    this.symbol = series.symbol;
    const random = randomOf(key);
    const grid = gridOf(this.interval);
    const step = grid.openAt(1) - grid.openAt(0);
    const floor = (t: number) => grid.openAt(grid.indexOf(t));
    this.listedAt = floor(Date.UTC(2017, 7, 17, 4) + (index < 3 ? 0 : Math.floor(random() * 1_400) * DAY_MS));
    const end = floor(now);
    if (empty) {
      this.spans = [];
      return;
    }
    const marks: [Range, Verdict][] = [];
    for (const [from, minutes] of OUTAGES)
      marks.push([{ from: floor(from), to: floor(from + minutes * MINUTE_MS + step - 1) }, 'exchange_outage']);
    const some = (chance: number, verdict: Verdict, bars: number) => {
      if (random() >= chance) return;
      const from = floor(this.listedAt + random() * (end - this.listedAt) * 0.97);
      marks.push([{ from, to: from + Math.max(1, Math.round(bars * random())) * step }, verdict]);
    };
    for (let i = 0; i < 3; i++) some(0.22, 'unexplained', i === 0 ? 1 : 2_880);
    some(0.2, 'fetch_failed', 3_000);
    some(0.3, 'symbol_halt', 900);
    some(0.35, 'confirmed_absent', 60);
    if (index % 9 === 4) for (let i = 0; i < 400; i++) some(1, 'confirmed_absent', 4_000);
    if (index % 6 === 2) marks.push([{ from: floor(end - random() * 500 * DAY_MS), to: end }, 'not_asked']);
    if (index % 11 === 7) marks.push([{ from: floor(end - 200 * DAY_MS), to: end }, 'delisted']);
    else marks.push([{ from: end, to: end + step }, 'not_closed_yet']);
    let spans: Span[] = [];
    spans = paint(spans, grid, { from: this.listedAt, to: end }, 'present');
    for (const [range, verdict] of marks)
      spans = paint(spans, grid, { from: Math.max(range.from, this.listedAt), to: range.to }, verdict);
    if (index === 2)
      spans = paint(
        spans,
        grid,
        { from: floor(Date.UTC(2021, 1, 17)), to: floor(Date.UTC(2021, 1, 18)) },
        'unexplained',
      );
    this.spans = spans;
  }

  paint(range: Range, verdict: Verdict): void {
    this.spans = paint(this.spans, gridOf(this.interval), range, verdict);
    this.revision++;
  }

  /** Cuts about `count` gaps of one to sixty bars, of all kinds, evenly spread. */
  scatter(count: number): void {
    const random = randomOf(`${this.key} scattered`);
    const grid = gridOf(this.interval);
    const kinds: readonly Verdict[] = ['unexplained', 'confirmed_absent', 'fetch_failed', 'not_asked', 'symbol_halt'];
    const all = this.bars('present');
    const pieces = this.spans.flatMap((span) => {
      if (span.verdict !== 'present') return [span];
      const parts: Span[] = [];
      const cuts = Math.floor((count * span.bars) / Math.max(1, all));
      const pitch = Math.floor(span.bars / (cuts + 1));
      const first = grid.indexOf(span.from);
      const add = (from: number, to: number, verdict: Verdict) =>
        to > from && parts.push({ from: grid.openAt(from), to: grid.openAt(to), bars: to - from, verdict });
      let at = first;
      for (let i = 1; i <= cuts && pitch > 4; i++) {
        const from = first + i * pitch - Math.floor(random() * (pitch / 2));
        const to = from + Math.min(Math.ceil(random() ** 4 * 60), Math.floor(pitch / 3));
        add(at, from, 'present');
        add(from, to, kinds[Math.floor(random() * kinds.length)]!);
        at = to;
      }
      add(at, first + span.bars, 'present');
      return parts;
    });
    this.spans = pieces;
  }

  report(): CoverageReport {
    const first = this.spans[0];
    const range = first ? { from: first.from, to: this.spans.at(-1)!.to } : { from: 0, to: 0 };
    return {
      key: this.key,
      range,
      bars: this.bars('present'),
      spans: this.spans,
      missing: this.missing(),
      revision: this.revision,
    };
  }

  summary(): SeriesSummary {
    const present = this.spans.filter((span) => span.verdict === 'present');
    const series = parseStoredSeriesKey(this.key)!;
    return {
      key: this.key,
      table: tableName(series),
      nodeId: 'd3v'.padEnd(64, '0'),
      market: 'spot',
      symbol: this.symbol,
      kind: series.kind,
      interval: series.interval,
      ...(series.interval === null ? { trades: this.bars('present') * 90 } : {}),
      bars: this.bars('present'),
      first: present[0]?.from ?? null,
      last: present.at(-1)?.to ?? null,
      listedAt: this.spans.length > 0 ? this.listedAt : null,
      missing: this.missing(),
      revision: this.revision,
    };
  }

  missingBars(name: 'explained' | 'unexplained'): number {
    return this.spans.reduce((total, span) => total + (verdictClass(span.verdict) === name ? span.bars : 0), 0);
  }

  private bars(verdict: Verdict): number {
    return this.spans.reduce((sum, span) => sum + (span.verdict === verdict ? span.bars : 0), 0);
  }

  private missing() {
    return { explained: this.missingBars('explained'), unexplained: this.missingBars('unexplained') };
  }
}

export function devSeriesList(count: number, now: number): DevSeries[] {
  const list: DevSeries[] = [];
  const intervals: Interval[] = ['1m', '1h', '5m', '1d'];
  for (let i = 0; list.length < count; i++) {
    const base = BASES[i % BASES.length]!;
    const quote = ['USDT', 'BTC', 'ETH', 'BNB', 'EUR', 'TRY'][Math.floor(i / BASES.length) % 6]!;
    if (base === quote) continue;
    for (const interval of i < 2 ? intervals.slice(0, 2) : [intervals[i % 7 === 5 ? 2 : 0]!]) {
      if (list.length >= count || !isInterval(interval)) break;
      list.push(new DevSeries(seriesKey(candleSeries(`${base}${quote}`, interval)), list.length, now, i === 9));
    }
  }
  return list;
}

const MATRIX_INTERVALS: readonly Interval[] = ['1m', '5m', '15m', '1h', '4h', '12h', '1d', '1w'];

/** So many symbols, each at the same intervals; one cell in seventeen is not followed. */
export function devMatrixList(symbols: number, intervals: number, now: number): DevSeries[] {
  const quotes = ['USDT', 'BTC', 'ETH', 'BNB', 'EUR', 'TRY'];
  const list: DevSeries[] = [];
  for (let i = 0; i < symbols; i++) {
    const base = BASES[i % BASES.length]!;
    const quote = quotes[Math.floor(i / BASES.length) % quotes.length]!;
    const wave = Math.floor(i / (BASES.length * quotes.length));
    const symbol = `${base === quote ? 'X' : ''}${base}${wave > 0 ? wave : ''}${quote}`;
    MATRIX_INTERVALS.slice(0, intervals).forEach((interval, column) => {
      const index = i * intervals + column;
      // Those with hundreds of gaps take long to invent.
      if (index % 17 !== 16)
        list.push(
          new DevSeries(seriesKey(candleSeries(symbol, interval)), index % 9 === 4 ? 3 : index, now, index % 50 === 9),
        );
    });
  }
  return list;
}

/** Spans with `range` set to `verdict`, neighbours of one verdict joined. */
function paint(spans: readonly Span[], grid: ReturnType<typeof gridOf>, range: Range, verdict: Verdict): Span[] {
  if (range.to <= range.from) return [...spans];
  const pieces: { from: number; to: number; verdict: Verdict }[] = [];
  for (const span of spans) {
    if (span.from < range.from)
      pieces.push({ from: span.from, to: Math.min(span.to, range.from), verdict: span.verdict });
    if (span.to > range.to) pieces.push({ from: Math.max(span.from, range.to), to: span.to, verdict: span.verdict });
  }
  pieces.push({ ...range, verdict });
  pieces.sort((a, b) => a.from - b.from);
  const joined: { from: number; to: number; verdict: Verdict }[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last && last.verdict === piece.verdict && last.to === piece.from) last.to = piece.to;
    else joined.push(piece);
  }
  return joined.map((piece) => ({ ...piece, bars: countBars(grid, piece) }));
}

export function randomOf(text: string): () => number {
  let state = [...text].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0, 7) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
