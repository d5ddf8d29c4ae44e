import { formatTime, type Range } from '@shared/market';
import { type PointerEvent, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { useWindow } from '../../client';
import { worstOfRows } from './minimap-runs';
import { keyedWindow, movedWindow, type WindowPart, windowBox } from './minimap-window';
import { RunsPainter } from './runs-painter';
import { readStripsPalette } from './strips-palette';
import type { StripRow } from './strips-scene';
import { rangeOf } from './time-view';
import { useStripsView } from './view-store';

export interface MinimapHandle {
  /** In the frame that shows another range; writes one element's place and nothing else. */
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
  const frame = useRef<HTMLDivElement>(null);
  const now = useRef<{ shown: Range; whole: Range }>({ shown: whole, whole });
  const theme = useWindow((state) => state.theme);
  const view = useStripsView((state) => state.view);
  const [width, setWidth] = useState(0);

  const place = () => {
    const box = windowBox(now.current.shown, now.current.whole, root.current!.clientWidth);
    frame.current!.style.transform = `translateX(${box.left}px)`;
    frame.current!.style.width = `${box.width}px`;
  };
  useImperativeHandle(ref, () => ({
    place(shown, all) {
      now.current = { shown, whole: all };
      place();
    },
  }));
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      setWidth(root.current!.clientWidth);
      place();
    });
    observer.observe(root.current!);
    return () => observer.disconnect();
  });
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
  const shown = view ? rangeOf(view) : whole;
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
      <div
        ref={frame}
        className="minimap-window"
        role="slider"
        tabIndex={0}
        aria-label="Time shown. Arrow keys move it, Shift and arrows resize it."
        aria-valuemin={Math.round(whole.from)}
        aria-valuemax={Math.round(whole.to)}
        aria-valuenow={Math.round(shown.from)}
        aria-valuetext={`${formatTime(Math.round(shown.from)).slice(0, 16)} to ${formatTime(Math.round(shown.to)).slice(0, 16)}`}
        data-testid="minimap-window"
        onPointerDown={begin('all')}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.altKey || event.metaKey) return;
          const range = keyedWindow(now.current.shown, event.key, event.shiftKey, now.current.whole);
          if (!range) return;
          event.preventDefault();
          onShow(range);
        }}
      >
        <i className="minimap-edge is-from" data-testid="minimap-from" onPointerDown={begin('from')} />
        <i className="minimap-edge is-to" data-testid="minimap-to" onPointerDown={begin('to')} />
      </div>
    </div>
  );
}
