import type { AdoptSource, CandleFile, ForeignCandles, ForeignTables, UnfitTable } from '@shared/contract';
import { candleSeries, type Interval, isSymbol, type Market, parseCandleSeriesKey, seriesKey } from '@shared/market';

/** Candles that could be adopted: a stream of a table, or a file. */
export interface Candidate {
  /** The same for the same table, node id and interval, or path. */
  readonly id: string;
  readonly source: AdoptSource;
  /** Table, or file without its folders. */
  readonly name: string;
  /** The whole path of a file; the node id of a stream that has one. */
  readonly detail: string | null;
  readonly candles: ForeignCandles | CandleFile;
}

/** The series that a person, or else the guess, says the rows are of. */
export interface Target {
  readonly market: Market;
  /** As typed. */
  readonly symbol: string;
  readonly interval: Interval | null;
}

export function candidateOfTable(candles: ForeignCandles): Candidate {
  const { table, nodeId, interval } = candles;
  return {
    id: JSON.stringify([table, nodeId, interval]),
    source: nodeId === null ? { table } : { table, nodeId },
    name: table,
    detail: nodeId,
    candles,
  };
}

export function candidateOfFile(candles: CandleFile): Candidate {
  const { file } = candles;
  return { id: file, source: { file }, name: file.split(/[\\/]/).pop() ?? file, detail: file, candles };
}

/** What can be said of the rows without a person. */
export function guessedTarget({ candles: { guess, interval } }: Candidate): Target {
  const series = guess === null ? null : parseCandleSeriesKey(guess);
  return {
    market: series?.market ?? 'spot',
    symbol: series?.symbol ?? '',
    interval: interval ?? series?.interval ?? null,
  };
}

/** Key of the series; null while something of it is missing or is no symbol. */
export function keyOfTarget({ market, symbol, interval }: Target): string | null {
  return isSymbol(symbol) && interval !== null ? seriesKey(candleSeries(symbol, interval, market)) : null;
}

export const LIST_PARTS = ['all', 'new', 'adopted', 'unfit'] as const;
export type ListPart = (typeof LIST_PARTS)[number];

/** A line of the list: something to adopt, or a table that cannot be. */
export type ListLine =
  | { readonly kind: 'candidate'; readonly candidate: Candidate }
  | { readonly kind: 'unfit'; readonly unfit: UnfitTable };

/** All lines: what was named by hand first, then what is new, then what was adopted before, at last what cannot be. */
export function linesOf(foreign: ForeignTables | null, named: readonly Candidate[]): ListLine[] {
  const byHand = new Set(named.map(({ id }) => id));
  const found = (foreign?.tables ?? []).map(candidateOfTable).filter(({ id }) => !byHand.has(id));
  const sorted = [...found.filter(isNew), ...found.filter((each) => !isNew(each))];
  return [
    ...[...named, ...sorted].map((candidate) => ({ kind: 'candidate' as const, candidate })),
    ...(foreign?.unfit ?? []).map((unfit) => ({ kind: 'unfit' as const, unfit })),
  ];
}

/** Lines of one part whose name has the text. */
export function shownLines(lines: readonly ListLine[], part: ListPart, text: string): ListLine[] {
  const wanted = text.trim().toLowerCase();
  return lines.filter((line) => {
    if (part !== 'all' && partOf(line) !== part) return false;
    const { name, detail } = line.kind === 'candidate' ? line.candidate : { name: line.unfit.table, detail: null };
    return `${name} ${detail ?? ''}`.toLowerCase().includes(wanted);
  });
}

export function partOf(line: ListLine): Exclude<ListPart, 'all'> {
  if (line.kind === 'unfit') return 'unfit';
  return isNew(line.candidate) ? 'new' : 'adopted';
}

/** Nothing of it was adopted yet. */
export function isNew({ candles }: Candidate): boolean {
  return candles.adopted.length === 0;
}
