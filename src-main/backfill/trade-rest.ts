import {
  concatTrades,
  countBars,
  countIds,
  formatTime,
  type IdRange,
  idRunsOf,
  idsText,
  intersectIds,
  MINUTE_MS,
  type Range,
  sliceTrades,
  subtractIds,
  type TradeColumns,
  type TradeSeries,
} from '@shared/market';
import type { AggTradesPage, SourceFinding } from '../binance';
import { encodeTradeLines, type TradeTable } from '../questdb';
import { monthsAround } from './item-findings';
import { answerOf, counted, type PageContext } from './page-context';
import { firstFrom, minutesOf, notStored } from './trade-cuts';
import { keepOthersRows, writtenMinutes } from './trade-rows';

/** REST pages that make one entry of the ledger: few enough to lose little to an interruption. */
const PAGES_PER_SETTLE = 20;

/**
 * Fetches all trades of a range of whole minutes, writes those that are not stored and hands whole minutes on to be read back;
 * resolves to the number of pages. Throws `exchange.too_old` before anything was written.
 */
export async function fetchTrades(
  range: Range,
  context: PageContext<TradeSeries>,
  target: TradeTable,
): Promise<number> {
  const { series, exchange, signal, counters } = context;
  const { runs } = await context.coverage.storedIds(series);
  const stored = runs.map(({ firstId, lastId }) => ({ from: firstId, to: lastId }));
  const feed = new MinuteFeed(range, context, target, stored);
  // Ids that a page lacks are told once they are known to be nowhere.
  const note = (finding: SourceFinding, about: Range): void =>
    context.onFinding(finding, { file: null, range: monthsAround(about) });
  let requests = 0;
  let started = performance.now();
  const pages = exchange.rest(series.market).aggTrades({ symbol: series.symbol, range }, { signal, counters });
  for await (const page of pages) {
    requests++;
    context.onTiming?.('rest', performance.now() - started, 1);
    for (const finding of page.findings) if (finding.kind !== 'lost_trades') note(finding, page.settled);
    await feed.take(page);
    started = performance.now();
  }
  await feed.settle();
  return requests;
}

/** What one entry of the ledger will tell. */
interface Batch {
  from: number;
  to: number;
  pages: number;
  rows: number;
  written: Range[];
  request: string;
}

/** Turns pages, which end anywhere, into whole minutes: rows of a minute that goes on wait for the next page. */
class MinuteFeed {
  #held: TradeColumns | null = null;
  #batch: Batch;
  /** Where the ids of the next entry begin; null until a page has told of any. */
  #idsFrom: number | null = null;
  #idsTo = -1;
  #none: IdRange[] = [];

  constructor(
    private readonly range: Range,
    private readonly context: PageContext<TradeSeries>,
    private readonly target: TradeTable,
    private readonly stored: readonly IdRange[],
  ) {
    this.#batch = emptyBatch(range.from);
  }

  async take(page: AggTradesPage): Promise<void> {
    const { settledIds, settled, trades } = page;
    this.#batch.pages++;
    this.#batch.request ||= page.request;
    if (settledIds) {
      this.#idsFrom ??= settledIds.from;
      // Lost ones, and rows that are marked as no trades.
      this.#none.push(...subtractIds([settledIds], idRunsOf(trades)));
    }
    const open = this.#held ? concatTrades([this.#held, trades]) : trades;
    const isEnd = settled.to >= this.range.to;
    const to = isEnd ? this.range.to : Math.floor(settled.to / MINUTE_MS) * MINUTE_MS;
    if (to <= this.#batch.to) {
      this.#held = open;
      return;
    }
    const cut = isEnd ? open.rows : firstFrom(open, 0, to);
    await this.#write(open, cut);
    this.#idsTo = cut < open.rows ? open.aggId[cut]! - 1 : Math.max(settledIds?.to ?? -1, this.#lastId(open));
    this.#held = cut < open.rows ? sliceTrades(open, cut, open.rows) : null;
    this.#batch.to = to;
    this.#batch.rows += cut;
    if (this.#batch.pages >= PAGES_PER_SETTLE) await this.settle();
  }

  /** Hands on what is whole. */
  async settle(): Promise<void> {
    const batch = this.#batch;
    if (batch.to <= batch.from) return;
    const range = { from: batch.from, to: batch.to };
    const ids =
      this.#idsFrom !== null && this.#idsTo >= this.#idsFrom ? { from: this.#idsFrom, to: this.#idsTo } : null;
    const lostIds = ids ? intersectIds(this.#none, [ids]) : [];
    const { context } = this;
    const { rows, written } = batch;
    const gone = subtractIds(lostIds, this.stored);
    if (gone.length > 0) context.onFinding(lostFinding(context.series, gone), { file: null, range });
    context.readBack.add({
      filled: [range],
      bars: countBars(context.grid, range),
      entry: answerOf(context, {
        source: 'rest',
        range,
        rows,
        absent: [],
        written: await writtenMinutes(context, { range, rows, written }),
        evidence: evidenceOf(range, batch, ids, lostIds, context.exchange.now()),
        request: batch.request,
        ...(ids ? { ids } : {}),
        ...(lostIds.length > 0 ? { lostIds } : {}),
      }),
    });
    if (ids) {
      this.#idsFrom = ids.to + 1;
      this.#none = subtractIds(this.#none, [ids]);
    }
    this.#batch = emptyBatch(batch.to);
  }

  async #write(trades: TradeColumns, end: number): Promise<void> {
    for (const slice of notStored(trades, 0, end, this.stored)) {
      const minutes = minutesOf(trades, slice.start, slice.end);
      await keepOthersRows(this.context, [minutes]);
      await this.context.rows.write([encodeTradeLines(trades, slice.start, slice.end, this.target)]);
      this.#batch.written.push(minutes);
    }
  }

  #lastId({ rows, aggId }: TradeColumns): number {
    return rows > 0 ? aggId[rows - 1]! : -1;
  }
}

function emptyBatch(from: number): Batch {
  return { from, to: from, pages: 0, rows: 0, written: [], request: '' };
}

function lostFinding({ symbol }: TradeSeries, lostIds: readonly IdRange[]): SourceFinding {
  const sentence = `The exchange has no aggregate trade ${noneText(lostIds)} of ${symbol}, or marks them as no trade.`;
  return { kind: 'lost_trades', sentence };
}

function evidenceOf(
  range: Range,
  { rows }: Batch,
  ids: IdRange | null,
  lostIds: readonly IdRange[],
  now: number,
): string {
  const asked = `REST was asked for ${formatTime(range.from)} to ${formatTime(range.to)} UTC at ${formatTime(Math.floor(now / 1000) * 1000)} UTC`;
  if (!ids) return `${asked}: nothing was traded.`;
  const lost = lostIds.length === 0 ? '' : `; ${noneText(lostIds)} it does not have, or marks as no trade`;
  return `${asked} and answered ${counted(rows, 'aggregate trade')}, ids ${idsText(ids)}${lost}.`;
}

export function noneText(ids: readonly IdRange[]): string {
  const first = idsText(ids[0]!);
  return ids.length === 1 ? `id ${first}` : `${countIds(ids).toLocaleString('en')} ids (${first} first)`;
}
