import { useMemo } from 'react';
import { type CoveragePage, useCoverageVersion, useSession, useWindow } from '../../client';
import { listRows } from '../coverage';
import { useGapList } from './gap-list-store';
import { countGaps, type GapRow, type GapVerdict, listGaps } from './gap-rows';

export interface GapRows {
  readonly pages: readonly CoveragePage[];
  readonly rows: readonly GapRow[];
  readonly counts: Record<GapVerdict, number>;
  /** Series whose coverage is still being read. */
  readonly unread: number;
}

/** Gaps of the series that filter and interval chips let through. */
export function useGapRows(): GapRows {
  const { coverage } = useSession();
  const version = useCoverageVersion();
  const series = useWindow((state) => state.series);
  const text = useWindow((state) => state.filter);
  const intervals = useWindow((state) => state.intervals);
  const needsAction = useWindow((state) => state.needsAction);
  const verdicts = useGapList((state) => state.verdicts);
  const order = useGapList((state) => state.order);
  const shown = useMemo(() => {
    void version;
    const alarming = (key: string) => coverage.get(key)?.alarming ?? 0;
    const list = listRows(series ?? [], { text, intervals, needsAction }, 'symbol', alarming);
    const pages = list.map(({ key }) => coverage.get(key)).filter((page) => page !== null);
    return { pages, counts: countGaps(pages), unread: list.length - pages.length };
  }, [series, text, intervals, needsAction, coverage, version]);
  const rows = useMemo(() => listGaps(shown.pages, verdicts, order), [shown.pages, verdicts, order]);
  return { ...shown, rows };
}
