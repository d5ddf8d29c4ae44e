import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { rangesUnderWay, selectedKeys, useSession, useWindow } from '../../client';
import { placeTooltip, StripsLegend } from '../coverage';
import { type NamedPlace, placeOf, useMatrixActs } from './matrix-acts';
import { MatrixController } from './matrix-controller';
import { MatrixHead } from './matrix-head';
import { attachMatrixInput, pickHow } from './matrix-input';
import { matrixAction } from './matrix-keys';
import { layoutOf } from './matrix-layout';
import { cellId, type LineRange, MatrixLines } from './matrix-lines';
import { allKeys, keysWithin } from './matrix-selection';
import { useMatrix } from './matrix-store';
import { MatrixTooltip, useMatrixHover } from './matrix-tooltip';
import { useMatrixModel } from './use-matrix-model';

/** The document follows a scroll when it rests for so long. */
const REST_MS = 60;

export interface MatrixViewProps {
  /** To the strip of a series. */
  onOpen(key: string): void;
}

/** Symbols by intervals: a small strip and one number per series. React draws heads and labels; the controller draws the cells. */
export function MatrixView({ onOpen }: MatrixViewProps) {
  const session = useSession();
  const { model, extent } = useMatrixModel();
  const { order } = useMatrix();
  const series = useWindow((state) => state.series);
  const selection = useWindow((state) => state.selection);
  const theme = useWindow((state) => state.theme);
  const jobs = useWindow((state) => state.jobs);
  const [shown, setShown] = useState<LineRange>({ first: 0, last: 0 });
  const rested = useRested(shown);
  const [width, setWidth] = useState(1);
  const [active, setActive] = useState<NamedPlace | null>(null);
  const [anchor, setAnchor] = useState<NamedPlace | null>(null);
  const [focused, setFocused] = useState(false);

  const root = useRef<HTMLElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const lines = useRef<HTMLDivElement>(null);
  const plot = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const down = useRef<HTMLDivElement>(null);
  const across = useRef<HTMLDivElement>(null);
  const tooltip = useRef<HTMLDivElement>(null);
  const controller = useRef<MatrixController>(null);
  const layout = useMemo(() => layoutOf(width, model.columns.length), [width, model.columns.length]);
  const selected = useMemo(() => new Set(selectedKeys(selection)), [selection]);

  const act = useMatrixActs({ model, active, anchor, setActive, setAnchor, controller, onOpen });
  const acts = useRef(act);
  acts.current = act;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the model that is there at the start; later ones are set below.
  useLayoutEffect(() => {
    let sideways = 0;
    const matrix = new MatrixController(canvas.current!, model, {
      linesShown: (first, last) => setShown({ first, last }),
      scrolled: ({ top, left, topLimit, leftLimit }) => {
        // A custom property would make the style of every cell anew with each frame; sideways it is worth it.
        lines.current!.style.transform = `translateY(${-top}px)`;
        if (left !== sideways) root.current!.style.setProperty('--matrix-left', `${-left}px`);
        sideways = left;
        moveScrollbar(down.current!, 'Top', top, topLimit);
        moveScrollbar(across.current!, 'Left', left, leftLimit);
      },
    });
    controller.current = matrix;
    const detach = attachMatrixInput(body.current!, matrix, () => plot.current!.offsetLeft, {
      hovered: (place, x, y) => {
        const line = place ? matrix.scene.model.lines[place.line] : undefined;
        const key = line?.kind === 'row' ? (line.row.cells[place!.column]?.key ?? null) : null;
        if (useMatrixHover.getState().key !== key) useMatrixHover.setState({ key });
        if (key !== null) placeTooltip(tooltip.current!, x, y, body.current!.getBoundingClientRect().right);
      },
      picked: (place, how) => acts.current.pick(place, how),
      lassoed: (range, from, adds) => {
        const { model: now } = matrix.scene;
        const keys = keysWithin(now, range);
        acts.current.select(adds ? [...new Set([...selectedKeys(useWindow.getState().selection), ...keys])] : keys);
        acts.current.place(from);
      },
      opened: (place) => acts.current.open(place),
    });
    const measure = () => {
      const box = plot.current!;
      matrix.resize(box.clientWidth, box.clientHeight);
      setWidth(box.clientWidth);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(plot.current!);
    let gone = false;
    void document.fonts.ready.then(() => {
      if (!gone) matrix.redrawTexts();
    });
    return () => {
      gone = true;
      useMatrixHover.setState({ key: null });
      observer.disconnect();
      detach();
      matrix.destroy();
    };
  }, []);

  useLayoutEffect(() => controller.current?.setModel(model, extent), [model, extent]);
  useLayoutEffect(() => {
    void theme;
    controller.current?.readColours();
  }, [theme]);
  useLayoutEffect(() => controller.current?.setSelection(selected), [selected]);
  useEffect(() => controller.current?.setWorking(rangesUnderWay(jobs)), [jobs]);
  const place = active ? placeOf(model, active) : null;
  useLayoutEffect(() => controller.current?.setActive(place, focused), [place, focused]);
  useEffect(() => {
    const keys = model.lines
      .slice(shown.first, shown.last)
      .flatMap((line) => (line.kind === 'row' ? line.row.cells : []))
      .flatMap((cell) => (cell.summary ? [cell.key] : []));
    session.preferCoverage(keys);
  }, [session, model, shown]);

  const onKeyDown = (event: KeyboardEvent) => {
    setFocused(true);
    // The pointer rests where it was; what it says there would hide where the keyboard is.
    useMatrixHover.setState({ key: null });
    controller.current!.setHover(null);
    const scene = controller.current!.scene;
    const page = Math.max(1, Math.floor(scene.height / scene.layout.rowHeight) - 1);
    const action = matrixAction(event, place ?? { line: 0, column: -1 }, model, page);
    if (!action || model.lines.length === 0) return;
    event.preventDefault();
    if (action.do === 'move') act.move(place ? action.to : { line: 0, column: 0 }, action.extend);
    else if (action.do === 'all') act.select(allKeys(model));
    else if (place && action.do === 'toggle') act.pick(place, 'toggle');
    else if (place && action.do === 'open') act.open(place);
  };
  const activeLine = active && place && place.line >= 0 ? active.line : null;
  const activeInView =
    place !== null && (place.line < 0 || (place.line >= rested.first && place.line < rested.last)) ? active : null;
  return (
    <section
      ref={root}
      className="matrix"
      aria-label="Coverage by symbol and interval"
      data-testid="matrix"
      data-rows={model.rows.length}
      data-columns={model.columns.join(' ')}
      data-selected={selectedKeys(selection).join(' ')}
      data-first={model.rows[0]?.id}
      data-unread={model.tally.unread}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: a windowed grid over a canvas is no table. */}
      <div
        className="matrix-grid"
        role="grid"
        tabIndex={0}
        aria-label="Coverage of symbols by interval. Arrow keys move, Space selects, Enter shows the strip."
        aria-rowcount={model.lines.length + 1}
        aria-colcount={model.columns.length + 1}
        aria-multiselectable="true"
        aria-activedescendant={activeInView ? cellId(activeInView.line ?? 'columns', activeInView.column) : undefined}
        data-testid="matrix-grid"
        onKeyDown={onKeyDown}
        onFocus={(event) => setFocused(event.currentTarget.matches(':focus-visible'))}
        onBlur={() => setFocused(false)}
        onPointerDown={() => setFocused(false)}
      >
        <MatrixHead
          model={model}
          layout={layout}
          order={order}
          active={active?.line === null && focused ? active.column : null}
          onPick={(column, event) => act.pick({ line: -1, column }, pickHow(event))}
        />
        {/* biome-ignore lint/a11y/useSemanticElements: the same. */}
        <div ref={body} className="matrix-body" role="rowgroup">
          <div ref={lines} className="matrix-lines" role="presentation">
            <MatrixLines
              lines={model.lines}
              columns={model.columns}
              shown={shown}
              rested={rested}
              layout={layout}
              selected={selected}
              activeId={focused ? activeLine : null}
              showMarket={model.rows.some((row) => row.market !== 'spot')}
              sortedBy={order.by}
            />
          </div>
        </div>
      </div>
      <div ref={plot} className="matrix-plot">
        {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: it takes no focus; the grid says what it shows. */}
        <canvas ref={canvas} className="matrix-canvas" data-testid="matrix-canvas" aria-hidden="true" />
      </div>
      {model.rows.length === 0 && <div className="matrix-none">{emptyWords(series !== null)}</div>}
      <div
        ref={down}
        className="matrix-scroll-down"
        tabIndex={-1}
        onScroll={({ currentTarget }) =>
          controller.current?.scrollTo(currentTarget.scrollTop, controller.current.scene.scrollLeft)
        }
      >
        <div />
      </div>
      <div
        ref={across}
        className="matrix-scroll-across"
        tabIndex={-1}
        onScroll={({ currentTarget }) =>
          controller.current?.scrollTo(controller.current.scene.scrollTop, currentTarget.scrollLeft)
        }
      >
        <div />
      </div>
      <StripsLegend />
      <MatrixTooltip ref={tooltip} />
    </section>
  );
}

function useRested(shown: LineRange): LineRange {
  const [rested, setRested] = useState(shown);
  useEffect(() => {
    const timer = setTimeout(() => setRested(shown), REST_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  return rested;
}

function moveScrollbar(bar: HTMLElement, side: 'Top' | 'Left', at: number, limit: number): void {
  const inner = bar.firstElementChild as HTMLElement;
  if (side === 'Top') inner.style.height = `${limit + bar.clientHeight}px`;
  else inner.style.width = `${limit + bar.clientWidth}px`;
  bar.hidden = limit === 0;
  if (Math.abs(bar[`scroll${side}`] - at) >= 1) bar[`scroll${side}`] = at;
}

function emptyWords(isRead: boolean): string {
  const { filter, needsAction } = useWindow.getState();
  if (!isRead) return 'Reading the list of series…';
  if (needsAction && !filter) return 'All missing bars are explained or not asked for yet.';
  return 'No series matches the filter.';
}
