// biome-ignore-all lint/a11y/useSemanticElements: a windowed grid of absolutely placed rows is no table.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and names the active row.
import type { SeriesSummary } from '@shared/contract';
import { barWord, seriesWord } from '@shared/market';
import { memo } from 'react';
import { type CoveragePage, useSession, useWindow } from '../../client';
import { formatCompact, formatCount } from '../../components';
import { ROW_HEIGHT } from './strips-scene';

export interface SeriesRowsProps {
  rows: readonly SeriesSummary[];
  first: number;
  last: number;
  selected: ReadonlySet<string>;
  onPick(key: string, how: PickHow): void;
}

/** Shift picks up to a row, Control (or Command) one more or one less. */
export type PickHow = 'alone' | 'extend' | 'toggle';

export function rowId(key: string): string {
  return `row-${key.replaceAll(':', '-')}`;
}

/** Names and numbers beside the strips: only the rows on screen are in the document. */
export function SeriesRows({ rows, first, last, selected, onPick }: SeriesRowsProps) {
  const { coverage } = useSession();
  const manyMarkets = useWindow((state) => state.series?.some((each) => each.market !== 'spot') ?? false);
  return rows
    .slice(first, last)
    .map((row, index) => (
      <SeriesRow
        key={row.key}
        row={row}
        index={first + index}
        page={coverage.get(row.key)}
        selected={selected.has(row.key)}
        showMarket={manyMarkets}
        onPick={onPick}
      />
    ));
}

interface SeriesRowProps {
  row: SeriesSummary;
  index: number;
  page: CoveragePage | null;
  selected: boolean;
  showMarket: boolean;
  onPick(key: string, how: PickHow): void;
}

const SeriesRow = memo(function SeriesRow({ row, index, page, selected, showMarket, onPick }: SeriesRowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it handles the keys.
    <div
      id={rowId(row.key)}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={selected}
      className={`series-row ${selected ? 'is-selected' : ''}`}
      style={{ top: index * ROW_HEIGHT }}
      data-testid={`series-${row.key}`}
      onClick={(event) =>
        onPick(row.key, event.shiftKey ? 'extend' : event.ctrlKey || event.metaKey ? 'toggle' : 'alone')
      }
    >
      <span role="gridcell" className="series-symbol" title={row.symbol}>
        {row.symbol}
        {showMarket && <small>{row.market}</small>}
      </span>
      <span role="gridcell" className="num dim series-interval">
        {seriesWord(row)}
      </span>
      <MissingCell row={row} page={page} />
    </div>
  );
});

function MissingCell({ row, page }: { row: SeriesSummary; page: CoveragePage | null }) {
  const alarming = page?.alarming ?? 0;
  const notAsked = page ? page.notAsked : row.missing.unexplained;
  const bar = barWord(row);
  const words = [
    alarming > 0 ? `${formatCount(alarming)} ${bar}s unexplained` : '',
    notAsked > 0 ? `${formatCount(notAsked)} ${bar}s not asked for` : '',
    row.missing.explained > 0 ? `${formatCount(row.missing.explained)} ${bar}s explained` : '',
  ].filter(Boolean);
  const title = words.length > 0 ? words.join(', ') : 'Nothing is missing';
  if (!page)
    return (
      <span role="gridcell" className="num series-missing faint" title="Coverage is being read">
        ·
      </span>
    );
  return (
    <span
      role="gridcell"
      className={`num series-missing ${alarming > 0 ? 'alarm' : 'faint'}`}
      title={title}
      data-unexplained={alarming}
    >
      {alarming === 0 && notAsked > 0 && <i className="series-not-asked" aria-hidden="true" />}
      {formatCompact(alarming || notAsked)}
    </span>
  );
}
