import {
  formatTime,
  HOUR_MS,
  type IdRange,
  MINUTE_MS,
  type Range,
  seriesKey,
  subtractRanges,
  type TradeSeries,
} from '@shared/market';
import type { LedgerEntry, TradeRun } from '../questdb';
import { answerOf, type PageContext } from './page-context';
import { minuteOf } from './trade-cuts';
import { type Edge, lookInFile, type NeighbourContext } from './trade-neighbours';

/** How many ids beside an edge are looked at: some ids are lost. */
const NEIGHBOURS = 100;
/** Futures serve about the last day by REST: of older edges nobody but the archive can tell. */
const FUTURES_AT_REST_MS = 20 * HOUR_MS;

type Context = NeighbourContext & Pick<PageContext<TradeSeries>, 'coverage'>;

/**
 * A file may end before its day does and match its checksum all the same. Where the minutes of the range begin or end with a file's,
 * with nothing answered beside them, REST is asked for the next trade by its id: one request for each such edge, remembered in
 * the ledger. Of futures that REST no longer serves the files beside it are looked at. True when minutes turned out not to be
 * whole; then they are no longer present, and REST can be asked for them.
 */
export async function confirmEdges(range: Range, context: Context): Promise<boolean> {
  const { coverage, series } = context;
  const { entries, answered } = await coverage.ledgerWithEntries(series);
  const { runs } = await coverage.storedIds(series);
  // Only a look beside a file has a request and is no answer of REST.
  const confirmed = entries
    .filter((entry) => entry.outcome === 'answered' && (entry.source === 'rest' || entry.request !== undefined))
    .map((entry) => entry.range);
  const oldest = series.market === 'spot' ? Number.NEGATIVE_INFINITY : context.exchange.now() - FUTURES_AT_REST_MS;
  const edges = answered
    .filter((run) => run.from < range.to && range.from < run.to)
    .flatMap((run) => edgesOf(run, runs))
    .filter(
      ({ minutes, side }) =>
        subtractRanges([side === 'ends' ? lastMinute(minutes) : firstMinute(minutes)], confirmed).length > 0 &&
        (side === 'ends' ? minutes.to <= range.to : minutes.from >= range.from),
    );
  const found: LedgerEntry[] = [];
  for (const edge of edges) {
    const answer = edge.minutes.from >= oldest ? await ask(edge, context) : await lookInFile(edge, context);
    if (answer !== null) found.push(answer);
  }
  await coverage.recordAnswers(found, new Map([[seriesKey(series), series]]));
  return found.some((entry) => entry.ids !== undefined);
}

function edgesOf(run: Range, runs: readonly TradeRun[]): Edge[] {
  const inside = runs.filter(({ firstTime, lastTime }) => firstTime < run.to * 1000 && lastTime >= run.from * 1000);
  const first = inside[0];
  const last = inside[inside.length - 1];
  if (!first || !last) return [];
  const edges: Edge[] = [];
  // Stored trades that go on beyond the minutes show that nothing is missing at their edge.
  if (first.firstTime >= run.from * 1000 && first.firstId > 1)
    edges.push({
      side: 'begins',
      known: { id: first.firstId, time: first.firstTime },
      minutes: { from: run.from, to: Math.min(run.to, minuteOf(first.firstTime) + MINUTE_MS) },
    });
  if (last.lastTime < run.to * 1000)
    edges.push({
      side: 'ends',
      known: { id: last.lastId, time: last.lastTime },
      minutes: { from: Math.max(run.from, minuteOf(last.lastTime)), to: run.to },
    });
  return edges;
}

async function ask({ side, known, minutes }: Edge, context: Context): Promise<LedgerEntry> {
  const { series, exchange, lanes, rank, signal, counters } = context;
  const { symbol, market } = series;
  const isEnd = side === 'ends';
  const wanted: IdRange = isEnd
    ? { from: known.id + 1, to: known.id + NEIGHBOURS }
    : { from: Math.max(0, known.id - NEIGHBOURS), to: known.id - 1 };
  const request = { symbol, fromId: wanted.from, toId: wanted.to, limit: NEIGHBOURS };
  const page = await lanes.rest[market].with(1, rank(), signal, async () => {
    for await (const answer of exchange.rest(market).aggTrades(request, { signal, counters })) return answer;
    return null;
  });
  const { aggId, time, rows } = page?.trades ?? { aggId: [], time: [], rows: 0 };
  const at = isEnd ? 0 : rows - 1;
  const next = rows > 0 ? { id: aggId[at]!, time: time[at]! } : null;
  const isInside = next !== null && next.time >= minutes.from * 1000 && next.time < minutes.to * 1000;
  const where = `${isEnd ? 'behind' : 'before'} id ${known.id}`;
  const told =
    next === null
      ? `it has none ${where}`
      : `the next one ${where} is ${next.id}, of ${formatTime(Math.floor(next.time / 1000))} UTC`;
  return answerOf(context, {
    source: 'rest',
    range: minutes,
    rows: 0,
    absent: [],
    written: [],
    evidence: `REST was asked for the aggregate trades beside the archive's: ${told}${isInside ? ', so the file was not whole' : ''}.`,
    request: page?.request ?? '',
    ...(isInside ? { ids: isEnd ? { from: known.id + 1, to: next.id } : { from: next.id, to: known.id - 1 } } : {}),
  });
}

function firstMinute({ from }: Range): Range {
  return { from, to: from + MINUTE_MS };
}

function lastMinute({ to }: Range): Range {
  return { from: to - MINUTE_MS, to };
}
