import { formatTime, type Span, seriesWord } from '@shared/market';
import { CircleCheck, MousePointerClick } from 'lucide-react';
import { useEffect, useState } from 'react';
import { isAlarming, selectSeries, useCoverageVersion, useSession, useWindow, type ViewName } from '../../client';
import { Button, EmptyState, formatAmount, formatCompact, formatCount } from '../../components';
import { useSuggestedTables } from '../adoption';
import { useNewFindings } from '../findings';
import { useOutageProposals } from '../outages';
import { attentionOf } from './attention';
import { AttentionList } from './attention-list';
import { ITEMS_AT_ONCE } from './fetch-range';
import { RepairCard } from './repair-card';
import type { RepairItem } from './use-plan';

export interface OverviewProps {
  onPick(key: string, span: Span): void;
  onPickSeries(key: string): void;
}

/** So many gaps are listed one by one, more of them by series. */
const GAPS_SHOWN = 12;
const SERIES_SHOWN = 40;
/** As many gaps are planned without being asked for. */
const PLANNED_UNASKED = 60;

const HINTS: Record<ViewName, string> = {
  strips:
    'Click a gap on a strip to see why it is there and what its repair takes. Shift and drag selects a range; Control and Shift on the names select several series.',
  matrix:
    'Drag over cells, or click heads of rows and columns, to repair or fetch all of them at once. A double click leads from a cell to its strip.',
  calendar: 'A day opens its minutes; a minute selects the gap that it lies in. Escape leads back.',
  gaps: 'Click a gap to see its evidence. Control and Shift select several, to repair, copy or export them at once.',
};

/** Nothing is selected: what needs attention and nothing else, each line with its action, and one button for all gaps. */
export function Overview({ onPick, onPickSeries }: OverviewProps) {
  const { coverage } = useSession();
  useCoverageVersion();
  const series = useWindow((state) => state.series) ?? [];
  const view = useWindow((state) => state.view);
  const [pinned, setPinned] = useState<readonly RepairItem[] | null>(null);
  const pages = series.map((each) => ({ summary: each, page: coverage.get(each.key) }));
  const needy = pages
    .filter(({ page }) => (page?.alarming ?? 0) > 0)
    .sort((a, b) => b.page!.alarming - a.page!.alarming);
  const explained = series.reduce((sum, each) => sum + each.missing.explained, 0);
  const notAsked = pages.reduce((sum, { page }) => sum + (page?.notAsked ?? 0), 0);
  const others = useAttention();
  const items = needy.flatMap(({ page }) =>
    page!.gaps.filter(isAlarming).map((span) => ({ key: page!.key, range: { from: span.from, to: span.to } })),
  );
  if (pages.some(({ page }) => page === null))
    return (
      <div className="inspector-head">
        <h2>Reading coverage…</h2>
        <span className="num dim">
          {formatCount(pages.filter(({ page }) => page).length)} / {formatCount(pages.length)}
        </span>
      </div>
    );
  return (
    <>
      <div className="inspector-head">
        <h2>Needs attention</h2>
        {items.length > 0 && <span className="num dim">{formatAmount(items.length, 'gap')}</span>}
      </div>
      {others.length > 0 && <AttentionList items={others} />}
      {needy.length === 0 && others.length === 0 && (
        <EmptyState
          icon={<CircleCheck size={22} />}
          title={explained > 0 ? 'All missing bars are explained.' : 'Nothing is missing.'}
        >
          <p>Nothing needs attention.</p>
          {explained > 0 && <p className="num">{formatCount(explained)} bars explained</p>}
          {notAsked > 0 && <p className="num">{formatCompact(notAsked)} bars not asked for yet</p>}
        </EmptyState>
      )}
      {needy.length > 0 && items.length <= GAPS_SHOWN && (
        <ul className="needy">
          {needy.flatMap(({ summary, page }) =>
            page!.gaps.filter(isAlarming).map((span) => (
              <li key={`${summary.key} ${span.from}`}>
                <button type="button" className="needy-gap" onClick={() => onPick(summary.key, span)}>
                  <b className="clip">{summary.symbol}</b>
                  <span className="num dim">{seriesWord(summary)}</span>
                  <span className="num dim">{formatTime(span.from)}</span>
                  <span className="num alarm">{formatCompact(span.bars)}</span>
                  <span className="needy-act">Repair…</span>
                </button>
              </li>
            )),
          )}
        </ul>
      )}
      {items.length > GAPS_SHOWN && (
        <ul className="needy">
          {needy.slice(0, SERIES_SHOWN).map(({ summary, page }) => (
            <li key={summary.key}>
              <button type="button" className="needy-series" onClick={() => onPickSeries(summary.key)}>
                <b className="clip">{summary.symbol}</b>
                <span className="num dim">{seriesWord(summary)}</span>
                <span className="num alarm">{formatCompact(page!.alarming)}</span>
                <span className="needy-act">Repair…</span>
              </button>
            </li>
          ))}
          {needy.length > SERIES_SHOWN && <li className="dim">{needy.length - SERIES_SHOWN} more series</li>}
        </ul>
      )}
      {pinned || (items.length > 0 && items.length <= PLANNED_UNASKED) ? (
        <RepairCard items={pinned ?? items} onPinned={setPinned} />
      ) : (
        items.length > 0 && (
          <Button data-testid="plan-all" onClick={() => setPinned(items.slice(0, ITEMS_AT_ONCE))}>
            Plan the repair of {formatAmount(Math.min(items.length, ITEMS_AT_ONCE), 'gap')}
          </Button>
        )
      )}
      {series.length > 1 && (
        <Button data-testid="fetch-all-series" onClick={() => selectSeries(series.map((each) => each.key))}>
          Fetch a range of all {formatCount(series.length)} series…
        </Button>
      )}
      <p className="hint">
        <MousePointerClick size={15} aria-hidden="true" />
        <span>{HINTS[view]}</span>
      </p>
    </>
  );
}

/** Looked at anew every second while a market is blocked, since a block ends by itself. */
function useAttention() {
  const { coverage } = useSession();
  const newFindings = useNewFindings();
  const outageProposals = useOutageProposals();
  const suggestedTables = useSuggestedTables();
  const app = useWindow((state) => state.app);
  const jobs = useWindow((state) => state.jobs);
  const series = useWindow((state) => state.series);
  const [now, setNow] = useState(() => Date.now());
  const exchangeNow = now + (app?.exchange.clockOffsetMs ?? 0);
  const isBlocked = app?.exchange.markets.some(({ blockedUntil }) => (blockedUntil ?? 0) > exchangeNow) ?? false;
  useEffect(() => {
    setNow(Date.now());
    if (!isBlocked) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [isBlocked]);
  return attentionOf({
    app,
    jobs,
    series: series ?? [],
    pageOf: (key) => coverage.get(key),
    newFindings,
    outageProposals,
    suggestedTables,
    now: exchangeNow,
  });
}
