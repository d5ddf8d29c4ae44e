import { parseCandleSeriesKey, parseStoredSeriesKey, type Range, type Span } from '@shared/market';
import { type CSSProperties, useMemo, useState } from 'react';
import {
  followedKeys,
  select,
  selectedKeys,
  selectSeries,
  useCoverage,
  useSession,
  useWindow,
  type WindowState,
} from '../client';
import { Button } from '../components';
import { CalendarView } from '../features/calendar';
import { type DragMode, type StripsHandle, StripsView } from '../features/coverage';
import { GapsView, Inspector } from '../features/gaps';
import { MatrixView } from '../features/matrix';
import { QueuePanel, StatusFooter } from '../features/queue';
import { ReplayDock } from '../features/replay';
import { NoSeries } from '../features/series';
import { DockSplitter, useDockHeight } from './dock-splitter';
import { Toolbar } from './toolbar';
import type { WorkbenchHandle } from './workbench-handle';

export interface WorkbenchProps {
  handle: WorkbenchHandle;
  connected: boolean;
}

const NO_SPANS = [] as const;

/** Strips, inspector, dock: the window when everything runs. */
export function Workbench({ handle, connected }: WorkbenchProps) {
  const session = useSession();
  const series = useWindow((state) => state.series);
  const seriesError = useWindow((state) => state.seriesError);
  const queueOpen = useWindow((state) => state.queueOpen);
  const selected = useWindow((state) => state.selection !== null);
  const view = useWindow((state) => state.view);
  const [dragMode, setDragMode] = useState<DragMode>('pan');
  const dock = useDockHeight();
  const empty = series !== null && series.length === 0;
  return (
    <>
      <main
        className={`workbench ${selected ? 'has-selection' : ''} ${empty ? 'is-empty' : ''}`}
        style={{ '--dock': `${dock.height}px` } as CSSProperties}
        inert={!connected}
      >
        <Toolbar dragMode={dragMode} onDragMode={setDragMode} strips={handle.strips} />
        {seriesError && (
          <div className="banner banner-alarm" role="alert">
            <span className="dot dot-bad" />
            <span className="grow">{seriesError}</span>
            <Button size="small" onClick={() => void session.loadSeries()}>
              Read again
            </Button>
            <Button size="small" kind="quiet" onClick={() => useWindow.setState({ seriesError: null })}>
              Dismiss
            </Button>
          </div>
        )}
        {empty ? (
          <div className="workbench-empty">
            <NoSeries />
          </div>
        ) : (
          <div className="workbench-middle">
            {view === 'matrix' && <MatrixView onOpen={(key) => showStrip(handle, key)} />}
            {view === 'strips' && <StripsView ref={handle.strips} dragMode={dragMode} />}
            {view === 'calendar' && <CalendarView ref={handle.walker} />}
            {view === 'gaps' && (
              <GapsView
                ref={handle.walker}
                onOpen={({ key, span }) => handle.onStrips((strips) => showGap(strips, key, span))}
              />
            )}
            <Inspector
              onPick={(key, span) =>
                handle.walker.current
                  ? select({ kind: 'span', key, span })
                  : handle.onStrips((strips) => strips.pick(key, span))
              }
              onStep={(step) =>
                handle.walker.current
                  ? handle.walker.current.moveGap(step)
                  : handle.onStrips((strips) => strips.moveGap(step, true))
              }
            />
          </div>
        )}
        {!empty && (
          <>
            <DockSplitter dock={dock} />
            <Dock
              connected={connected}
              onPlayhead={(t) => handle.strips.current?.showPlayhead(t)}
              onVisibleRange={(range) => handle.strips.current?.showCharted(range)}
            />
          </>
        )}
        {queueOpen && <QueuePanel />}
      </main>
      <StatusFooter />
    </>
  );
}

/** From a line of the list to the place on the strip. */
function showGap(strips: StripsHandle, key: string, span: Span): void {
  strips.pick(key, span);
  strips.zoomToSelection();
}

/** From a cell of the matrix to the strip of its series. */
function showStrip(handle: WorkbenchHandle, key: string): void {
  selectSeries([key]);
  handle.onStrips((strips) => strips.reveal(key));
}

interface DockProps {
  connected: boolean;
  onPlayhead(t: number | null): void;
  onVisibleRange(range: Range): void;
}

function Dock({ connected, onPlayhead, onVisibleRange }: DockProps) {
  const { client } = useSession();
  const theme = useWindow((state) => state.theme);
  const focus = useWindow((state) => state.focus);
  const chosen = useWindow(firstFollowed);
  const key = useShownSeries(chosen);
  const page = useCoverage(key);
  const series = useMemo(() => {
    const parsed = parseCandleSeriesKey(key ?? '');
    return parsed && key ? { key, symbol: parsed.symbol, interval: parsed.interval, market: parsed.market } : null;
  }, [key]);
  // Trades have no candles to draw or to replay; the dock says so.
  const tradesOf = series === null ? (parseStoredSeriesKey(key ?? '')?.symbol ?? null) : null;
  return (
    <div className="dock" data-testid="dock">
      <ReplayDock
        client={client}
        series={series}
        tradesOf={tradesOf}
        spans={page?.spans ?? NO_SPANS}
        focus={focus}
        theme={theme}
        onPlayhead={onPlayhead}
        onVisibleRange={onVisibleRange}
        connected={connected}
      />
    </div>
  );
}

/** First key of the selection that is on the list; a cell of the matrix need not be. */
function firstFollowed(state: WindowState): string | null {
  const followed = followedKeys(state);
  return selectedKeys(state.selection).find((key) => followed.has(key)) ?? null;
}

/** The chart's series: the chosen one; without one the last that was, else the first that has candles. */
function useShownSeries(chosen: string | null): string | null {
  const series = useWindow((state) => state.series);
  const [last, setLast] = useState<string | null>(null);
  if (chosen !== null && chosen !== last) setLast(chosen);
  if (chosen !== null) return chosen;
  if (last !== null && series?.some((each) => each.key === last)) return last;
  return series?.find((each) => each.bars > 0 && each.interval !== null)?.key ?? null;
}
