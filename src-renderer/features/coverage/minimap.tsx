import { formatTime, type Range } from '@shared/market';
import {
  type KeyboardEvent,
  type PointerEvent,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useWindow } from '../../client';
import { worstOfRows } from './minimap-runs';
import { keyedWindow, movedWindow, type WindowPart, windowBox } from './minimap-window';
import { MinimapWindowPainter } from './minimap-window-painter';
import { RunsPainter } from './runs-painter';
import { readStripsPalette } from './strips-palette';
import type { StripRow } from './strips-scene';
import { rangeOf } from './time-view';
import { useStripsView } from './view-store';

export interface MinimapHandle {
  /** In the frame that shows another range; draws the window, when it stands at another pixel, and touches no element. */
  place(shown: Range, whole: Range): void;
}

export interface MinimapProps {
  ref: Ref<MinimapHandle>;
  rows: readonly StripRow[];
  whole: Range;
  onShow(range: Range): void;
}

/** With the line under it. */
export const MINIMAP_HEIGHT = 27;
const HEIGHT = 26;
const STRIP = { y: 8, height: 12 };

/** All time and the worst of all rows in one strip; its window is what the strips below show. */
export function Minimap({ ref, rows, whole, onShow }: MinimapProps) {
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const windowCanvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<MinimapWindowPainter>(null);
  const now = useRef<{ shown: Range; whole: Range }>({ shown: whole, whole });
  const theme = useWindow((state) => state.theme);
  const [width, setWidth] = useState(0);

  const place = useCallback(
    (shown: Range, all: Range) => {
      now.current = { shown, whole: all };
      if (width > 0) painter.current!.paint(windowBox(shown, all, width, devicePixelRatio));
    },
    [width],
  );
  useImperativeHandle(ref, () => ({ place }), [place]);
  useLayoutEffect(() => {
    const measure = () => setWidth(root.current!.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(root.current!);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    void theme;
    painter.current ??= new MinimapWindowPainter(windowCanvas.current!, HEIGHT);
    painter.current.reset(width, devicePixelRatio);
    place(now.current.shown, now.current.whole);
  }, [place, width, theme]);
  useEffect(() => {
    void theme;
    const element = canvas.current!;
    const context = element.getContext('2d');
    if (!context || width === 0) return;
    const ratio = devicePixelRatio;
    const columns = Math.round(width * ratio);
    element.width = columns;
    element.height = Math.round(HEIGHT * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const runs = worstOfRows(
      rows.map((row) => row.spans),
      whole.from,
      (whole.to - whole.from) / columns,
      columns,
    );
    new RunsPainter(readStripsPalette(element)).paint(context, runs, { x: 0, ...STRIP, ratio });
  }, [rows, whole, width, theme]);

  const drag = useRef<{ part: WindowPart; x: number; from: Range } | null>(null);
  const perPx = () => (now.current.whole.to - now.current.whole.from) / root.current!.clientWidth;
  const begin = (part: WindowPart) => (event: PointerEvent) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    root.current!.setPointerCapture(event.pointerId);
    drag.current = { part, x: event.clientX, from: now.current.shown };
  };
  const beginAnywhere = (event: PointerEvent) => {
    if (event.button !== 0) return;
    const { shown, whole: all } = now.current;
    const at = all.from + (event.clientX - root.current!.getBoundingClientRect().left) * perPx();
    const centred = movedWindow(shown, 'all', at - (shown.from + shown.to) / 2, all);
    onShow(centred);
    root.current!.setPointerCapture(event.pointerId);
    drag.current = { part: 'all', x: event.clientX, from: centred };
  };
  return (
    <div
      ref={root}
      className="minimap"
      data-testid="minimap"
      onPointerDown={beginAnywhere}
      onPointerMove={(event) => {
        const { current } = drag;
        if (current)
          onShow(movedWindow(current.from, current.part, (event.clientX - current.x) * perPx(), now.current.whole));
      }}
      onPointerUp={() => {
        drag.current = null;
      }}
      onPointerCancel={() => {
        drag.current = null;
      }}
    >
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: it takes no focus; the list of gaps says what it shows. */}
      <canvas ref={canvas} aria-hidden="true" />
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: the same. */}
      <canvas ref={windowCanvas} aria-hidden="true" />
      <MinimapWindow
        whole={whole}
        width={width}
        onGrab={begin}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.altKey || event.metaKey) return;
          const range = keyedWindow(now.current.shown, event.key, event.shiftKey, now.current.whole);
          if (!range) return;
          event.preventDefault();
          onShow(range);
        }}
      />
    </div>
  );
}

interface MinimapWindowProps {
  whole: Range;
  /** Of the map, in CSS pixels. */
  width: number;
  onGrab(part: WindowPart): (event: PointerEvent) => void;
  onKeyDown(event: KeyboardEvent): void;
}

/** What of the window can be grabbed, focused and heard: it follows what is drawn, five times a second at most. */
function MinimapWindow({ whole, width, onGrab, onKeyDown }: MinimapWindowProps) {
  const view = useStripsView((state) => state.view);
  const shown = view ? rangeOf(view) : whole;
  const box = windowBox(shown, whole, width, devicePixelRatio);
  return (
    <div
      className="minimap-window"
      style={{ transform: `translateX(${box.left}px)`, width: box.width }}
      role="slider"
      tabIndex={0}
      aria-label="Time shown. Arrow keys move it, Shift and arrows resize it."
      aria-valuemin={Math.round(whole.from)}
      aria-valuemax={Math.round(whole.to)}
      aria-valuenow={Math.round(shown.from)}
      aria-valuetext={`${formatTime(Math.round(shown.from)).slice(0, 16)} to ${formatTime(Math.round(shown.to)).slice(0, 16)}`}
      data-testid="minimap-window"
      onPointerDown={onGrab('all')}
      onKeyDown={onKeyDown}
    >
      <i className="minimap-edge is-from" data-testid="minimap-from" onPointerDown={onGrab('from')} />
      <i className="minimap-edge is-to" data-testid="minimap-to" onPointerDown={onGrab('to')} />
    </div>
  );
}
