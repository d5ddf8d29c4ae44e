import { alignRange, gridOf } from '@shared/market';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import {
  type KeyboardEvent,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import {
  rangesUnderWay,
  rangesWaiting,
  select,
  selectedKeys,
  selectionRange,
  useCoverageVersion,
  useSession,
  useWindow,
} from '../../client';
import { IconButton } from '../../components';
import { useHover } from './hover-store';
import { initialRange } from './initial-range';
import { MINIMAP_HEIGHT, Minimap, type MinimapHandle } from './minimap';
import { pickedRows } from './pick-rows';
import { listRows, stripRow } from './row-list';
import { type PickHow, rowId, SeriesRows } from './series-rows';
import { StripTooltip } from './strip-tooltip';
import { StripsController } from './strips-controller';
import { createStripsHandle, type StripsHandle, selectionOfHit } from './strips-handle';
import { attachStripsInput, type DragMode } from './strips-input';
import { StripsLegend } from './strips-legend';
import { AXIS_HEIGHT, ROW_HEIGHT } from './strips-scene';
import { rangeOf, wholeRange } from './time-view';
import { placeTooltip } from './tooltip-place';
import { useStripsView } from './view-store';

export interface StripsViewProps {
  dragMode: DragMode;
  ref: Ref<StripsHandle>;
}

const CLOCK_MS = 15_000;

/** All series with their strips on one time axis. React draws the names; the controller draws the strips. */
export function StripsView({ dragMode, ref }: StripsViewProps) {
  const session = useSession();
  const { coverage } = session;
  const version = useCoverageVersion();
  const series = useWindow((state) => state.series);
  const text = useWindow((state) => state.filter);
  const intervals = useWindow((state) => state.intervals);
  const needsAction = useWindow((state) => state.needsAction);
  const selection = useWindow((state) => state.selection);
  const theme = useWindow((state) => state.theme);
  const jobs = useWindow((state) => state.jobs);
  const order = useStripsView((state) => state.order);
  const [shown, setShown] = useState({ first: 0, last: 0 });

  const root = useRef<HTMLElement>(null);
  const plot = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const names = useRef<HTMLDivElement>(null);
  const scrollbar = useRef<HTMLDivElement>(null);
  const tooltip = useRef<HTMLDivElement>(null);
  const controller = useRef<StripsController>(null);
  const minimap = useRef<MinimapHandle>(null);
  const [whole] = useState(() => wholeRange(Date.now()));
  const mode = useRef(dragMode);
  mode.current = dragMode;

  const rows = useMemo(() => {
    void version;
    const filter = { text, intervals, needsAction };
    return listRows(series ?? [], filter, order, (key) => coverage.get(key)?.alarming ?? 0);
  }, [series, text, intervals, needsAction, order, coverage, version]);
  const drawn = useMemo(() => {
    void version;
    return rows.map((row) => stripRow(row, coverage));
  }, [rows, coverage, version]);
  const keys = useRef<readonly string[]>([]);
  keys.current = useMemo(() => rows.map((row) => row.key), [rows]);

  useLayoutEffect(() => {
    const strips = new StripsController(canvas.current!, {
      rowsShown: (first, last) => {
        setShown({ first, last });
        session.preferCoverage(keys.current.slice(first, last));
      },
      scrolled: (top, limit) => {
        names.current!.style.transform = `translateY(${-top}px)`;
        const bar = scrollbar.current!;
        (bar.firstElementChild as HTMLElement).style.height = `${limit + bar.clientHeight}px`;
        bar.hidden = limit === 0;
        if (Math.abs(bar.scrollTop - top) >= 1) bar.scrollTop = top;
      },
      moved: (shown, whole) => minimap.current?.place(shown, whole),
      viewed: (view) => {
        const range = rangeOf(view);
        root.current?.setAttribute('data-from', String(Math.round(range.from)));
        root.current?.setAttribute('data-to', String(Math.round(range.to)));
        useStripsView.setState({ view });
      },
    });
    controller.current = strips;
    let right = innerWidth;
    const detach = attachStripsInput(canvas.current!, strips, () => mode.current, {
      hovered: (hit, x, y) => {
        const span = hit && hit.span >= 0 ? (coverage.get(hit.key)?.spans[hit.span] ?? null) : null;
        const before = useHover.getState().hover;
        if (!hit || !span) {
          if (before) useHover.setState({ hover: null });
        } else if (before?.key !== hit.key || before.span !== span) {
          useHover.setState({ hover: { key: hit.key, span, at: hit.at } });
        }
        if (hit) placeTooltip(tooltip.current!, x, y, right);
      },
      hoveredOutage: (outage, x, y) => {
        if (useHover.getState().outage !== outage) useHover.setState({ outage });
        if (outage) placeTooltip(tooltip.current!, x, y, right);
      },
      picked: (hit) => {
        focusGrid(root.current);
        select(selectionOfHit(coverage, hit.key, hit.span), hit.at);
      },
      opened: (hit) => {
        const span = coverage.get(hit.key)?.spans[hit.span];
        if (span) strips.zoomTo(span, span.verdict === 'present' ? 0.05 : 1);
      },
      ranged: (range, firstRow, lastRow) => {
        const chosen = keys.current.slice(firstRow, lastRow + 1);
        const interval = strips.scene.rows[firstRow]?.interval;
        if (!interval) return;
        const grid = gridOf(interval);
        const whole = alignRange(grid, { from: grid.openAt(grid.indexOf(range.from)), to: range.to });
        focusGrid(root.current);
        if (whole.to > whole.from) select({ kind: 'range', keys: chosen, range: whole });
      },
    });
    const measure = () => {
      const box = plot.current!;
      strips.resize(box.clientWidth, box.clientHeight);
      right = box.getBoundingClientRect().right;
    };
    // At once, since what brought the strips back may want to show a place on them.
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(plot.current!);
    const clock = setInterval(() => strips.setNow(Date.now()), CLOCK_MS);
    const fontsLoaded = () => strips.fontsLoaded();
    document.fonts.addEventListener('loadingdone', fontsLoaded);
    return () => {
      document.fonts.removeEventListener('loadingdone', fontsLoaded);
      clearInterval(clock);
      observer.disconnect();
      detach();
      strips.destroy();
    };
  }, [coverage, session]);

  // The first look, once something is stored; later the view is the person's, also after a look at the matrix.
  const placed = useRef(false);
  const lastView = useRef(useStripsView.getState().view);
  useLayoutEffect(() => {
    if (!series || placed.current || controller.current?.moved !== false) return;
    const before = lastView.current;
    if (before) {
      placed.current = true;
      controller.current.setRange(rangeOf(before));
      return;
    }
    const firsts = series.flatMap(({ first }) => (first === null ? [] : [first]));
    const range = initialRange(firsts, Date.now());
    if (!range) return;
    placed.current = true;
    controller.current.setRange(range);
  }, [series]);
  useLayoutEffect(() => {
    controller.current?.setRows(drawn);
  }, [drawn]);
  useLayoutEffect(() => {
    void theme;
    controller.current?.readColours();
  }, [theme]);
  useLayoutEffect(() => {
    controller.current?.setSelection(selectedKeys(selection), selectionRange(selection), selection?.kind === 'range');
  }, [selection]);
  useEffect(() => {
    controller.current?.setActive(rangesUnderWay(jobs));
    controller.current?.setWaiting(rangesWaiting(jobs));
  }, [jobs]);

  // Last, since whoever waits for it asks for rows and ranges at once.
  const strips = useRef<StripsHandle>(null);
  const walk = (step: 1 | -1) => strips.current?.moveGap(step, true);
  const handle = useCallback(
    () =>
      createStripsHandle(
        controller.current!,
        coverage,
        () => keys.current,
        () => focusGrid(root.current),
      ),
    [coverage],
  );
  useImperativeHandle(ref, handle, [handle]);
  useImperativeHandle(strips, handle, [handle]);

  const selected = useMemo(() => new Set(selectedKeys(selection)), [selection]);
  const pickRow = useCallback(
    (key: string, how: PickHow) => select(pickedRows(useWindow.getState().selection, keys.current, key, how)),
    [],
  );

  const active = selectedKeys(selection).at(-1);
  const activeRow = active !== undefined && rows.slice(shown.first, shown.last).some((row) => row.key === active);
  return (
    <section
      ref={root}
      className="strips"
      aria-label="Coverage"
      data-testid="strips"
      data-rows={rows.length}
      data-selected={selectedKeys(selection).join(' ')}
    >
      <div className="strips-walk">
        Gap to gap
        <span>
          <IconButton label="Previous gap" shortcut="[" className="small" onClick={() => walk(-1)}>
            <ChevronLeft size={15} />
          </IconButton>
          <IconButton label="Next gap" shortcut="]" className="small" onClick={() => walk(1)}>
            <ChevronRight size={15} />
          </IconButton>
        </span>
      </div>
      <Minimap ref={minimap} rows={drawn} whole={whole} onShow={(range) => controller.current?.showRange(range)} />
      <div className="strips-head">
        <button
          type="button"
          aria-pressed={order === 'symbol'}
          onClick={() => useStripsView.setState({ order: 'symbol' })}
          title="Order by symbol"
        >
          Series
        </button>
        <button
          type="button"
          aria-pressed={order === 'missing'}
          onClick={() => useStripsView.setState({ order: 'missing' })}
          title="Bars missing; click to see what alarms first"
        >
          Missing
        </button>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a windowed grid beside a canvas is no table. */}
      <div
        className="strips-names"
        role="grid"
        tabIndex={0}
        aria-label="Series. Arrow keys move through rows and gaps."
        aria-rowcount={rows.length}
        aria-multiselectable="true"
        aria-activedescendant={activeRow ? rowId(active) : undefined}
        data-testid="series-grid"
        onWheel={(event) => controller.current?.scrollBy(event.deltaY)}
        onKeyDown={pageKeys(controller)}
      >
        {/* biome-ignore lint/a11y/useSemanticElements: the same. */}
        <div ref={names} className="strips-names-inner" role="rowgroup">
          <SeriesRows rows={rows} first={shown.first} last={shown.last} selected={selected} onPick={pickRow} />
        </div>
      </div>
      <div ref={plot} className="strips-plot">
        {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: it takes no focus; grid and gap table say what it shows. */}
        <canvas ref={canvas} className="strips-canvas" data-testid="strip-canvas" aria-hidden="true" />
        {rows.length === 0 && series && series.length > 0 && (
          <div className="strips-none">
            {needsAction && !text
              ? 'All missing bars are explained or not asked for yet.'
              : 'No series matches the filter.'}
          </div>
        )}
      </div>
      <div
        ref={scrollbar}
        className="strips-scrollbar"
        style={{ top: AXIS_HEIGHT + MINIMAP_HEIGHT }}
        tabIndex={-1}
        onScroll={(event) => controller.current?.scrollTo(event.currentTarget.scrollTop)}
      >
        <div style={{ width: 1 }} />
      </div>
      <StripsLegend />
      <StripTooltip ref={tooltip} />
    </section>
  );
}

/** Page keys scroll a screen of rows; everything else is the window's keyboard map. */
function pageKeys(controller: { readonly current: StripsController | null }) {
  return (event: KeyboardEvent) => {
    const step = event.key === 'PageDown' ? 1 : event.key === 'PageUp' ? -1 : 0;
    const strips = controller.current;
    if (step === 0 || !strips) return;
    event.preventDefault();
    strips.scrollBy(step * (strips.scene.height - AXIS_HEIGHT - ROW_HEIGHT));
  };
}

/** After the mouse the keyboard goes on from there. */
function focusGrid(root: HTMLElement | null): void {
  root?.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true });
}
