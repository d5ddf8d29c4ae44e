import { EXCHANGE_EPOCH_MS, HOUR_MS, type Range } from '@shared/market';
import { useMemo } from 'react';
import { useCoverageVersion, useSession, useWindow } from '../../client';
import { listRows } from '../coverage';
import { buildMatrix, type MatrixModel } from './matrix-model';
import { useMatrix } from './matrix-store';

/** The matrix of what filter and chips let through, and the time that all of its strips show. */
export function useMatrixModel(): { model: MatrixModel; extent: Range } {
  const { coverage } = useSession();
  const version = useCoverageVersion();
  const series = useWindow((state) => state.series);
  const text = useWindow((state) => state.filter);
  const intervals = useWindow((state) => state.intervals);
  const needsAction = useWindow((state) => state.needsAction);
  const { order, grouped, collapsed } = useMatrix();
  return useMemo(() => {
    void version;
    const all = series ?? [];
    // Which symbols need action is decided by whole rows: a cell beside the gap is not gone.
    const shown = listRows(all, { text, intervals, needsAction: false }, 'symbol', () => 0);
    const model = buildMatrix(all, shown, (key) => coverage.get(key), { order, grouped, collapsed, needsAction });
    return { model, extent: extentOf(model, Date.now()) };
  }, [series, text, intervals, needsAction, order, grouped, collapsed, coverage, version]);
}

/** From the first known moment of any series to the end of the present hour, so that it seldom changes. */
export function extentOf(model: MatrixModel, now: number): Range {
  let from = Number.POSITIVE_INFINITY;
  for (const row of model.rows)
    for (const { summary, page } of row.cells) {
      const own = page && page.range.to > page.range.from ? page.range.from : (summary?.listedAt ?? summary?.first);
      if (own != null && own < from) from = own;
    }
  const to = Math.ceil(now / HOUR_MS) * HOUR_MS;
  return { from: from < to ? from : EXCHANGE_EPOCH_MS, to };
}
