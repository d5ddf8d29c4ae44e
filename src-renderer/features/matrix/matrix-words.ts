import { INTERVALS, type Interval } from '@shared/market';
import { formatAmount, formatCompact, formatCount, MARKET_WORDS } from '../../components';
import type { ColumnName, MatrixCell, MatrixGroup, MatrixRow } from './matrix-model';
import { type Tally, tallyOf } from './tally';

/** `1m`, or what a column without an interval holds. */
export function columnWords(column: ColumnName): string {
  return INTERVALS.includes(column as Interval) ? column : 'trades';
}

function rowWords({ symbol, market }: MatrixRow): string {
  return market === 'spot' ? symbol : `${symbol} ${MARKET_WORDS[market]}`;
}

/** `80 bars unexplained, 2,325 explained, 3.1 M present`; what alarms first, and the unit once. */
export function tallyWords(tally: Tally, word: 'bar' | 'minute' = 'bar'): string {
  const parts: [number, string][] = [
    [tally.alarming, 'unexplained'],
    [tally.notAsked, 'not asked for'],
    [tally.explained, 'explained'],
    [tally.present, 'present'],
  ];
  const words = parts
    .filter(([bars]) => bars > 0)
    .map(([bars, state], index) => `${amount(bars)}${index > 0 ? '' : ` ${word}${bars === 1 ? '' : 's'}`} ${state}`);
  return [...words, ...(tally.present > 0 ? [] : ['nothing stored yet'])].join(', ');
}

/** Exact while a person can hear the difference. */
function amount(bars: number): string {
  return bars < 100_000 ? formatCount(bars) : formatCompact(bars);
}

/** The sentence that a screen reader says of a cell. */
export function cellWords(row: MatrixRow, column: ColumnName, cell: MatrixCell): string {
  const name = `${rowWords(row)} ${columnWords(column)}`;
  if (!cell.summary) return `${name}: not followed`;
  if (!cell.page) return `${name}: coverage is being read`;
  return `${name}: ${tallyWords(tallyOf(cell), column === columnWords(column) ? 'bar' : 'minute')}`;
}

export function rowHeadWords(row: MatrixRow): string {
  return `${rowWords(row)}, ${formatCount(row.tally.series)} series: ${tallyWords(row.tally)}`;
}

export function groupWords(group: MatrixGroup): string {
  return `${group.quote}, ${formatAmount(group.rows.length, 'symbol')}, ${group.collapsed ? 'folded' : 'unfolded'}: ${tallyWords(group.tally)}`;
}

export function groupCellWords(group: MatrixGroup, column: ColumnName, index: number): string {
  return `${group.quote} ${columnWords(column)}, all symbols: ${tallyWords(group.tallies[index]!)}`;
}

/** The number of a cell or a total; `quiet` is not asked for, which does not alarm. */
export interface CellNumber {
  readonly text: string;
  readonly tone: 'alarm' | 'quiet' | 'none';
}

/** Null where there is nothing to count. */
export function cellNumber(tally: Tally): CellNumber | null {
  if (tally.series === 0) return null;
  if (tally.alarming > 0) return { text: formatCompact(tally.alarming), tone: 'alarm' };
  if (tally.unread === tally.series) return { text: '·', tone: 'none' };
  // Neither listed nor asked: how much is missing is not known.
  if (tally.present + tally.explained + tally.notAsked === 0) return { text: '–', tone: 'none' };
  if (tally.notAsked > 0) return { text: formatCompact(tally.notAsked), tone: 'quiet' };
  return { text: '0', tone: 'none' };
}
