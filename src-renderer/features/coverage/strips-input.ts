import type { Range } from '@shared/market';
import type { OutageBand } from './outage-bands';
import type { StripHit, StripsController } from './strips-controller';
import { AXIS_HEIGHT, rowAt } from './strips-scene';
import { timeAt } from './time-view';

export type DragMode = 'pan' | 'select';

export interface StripsInputListener {
  /** The pointer rests on or leaves (null) a place; page pixels for the tooltip. */
  hovered(hit: StripHit | null, x: number, y: number): void;
  /** The pointer is over a stop that the axis marks, or over none any more. */
  hoveredOutage(outage: OutageBand | null, x: number, y: number): void;
  picked(hit: StripHit): void;
  /** Double click: the place to look at closely. */
  opened(hit: StripHit): void;
  /** A range is being dragged over rows `[firstRow, lastRow]`; `done` when the button is released. */
  ranged(range: Range, firstRow: number, lastRow: number, done: boolean): void;
}

/** A press that moves less than this is a click. */
const CLICK_PX = 4;
const ZOOM_PER_PX = 0.0022;
const LINE_PX = 16;

interface Drag {
  readonly mode: DragMode;
  readonly startX: number;
  readonly startY: number;
  lastX: number;
  lastY: number;
  moved: boolean;
}

/**
 * Pointer and wheel on the strips. Wheel zooms around the pointer, sideways or with Shift it pans, with Alt it scrolls the rows.
 * Dragging pans; with Shift, or in select mode, it selects a range over one or several rows.
 */
export function attachStripsInput(
  canvas: HTMLCanvasElement,
  controller: StripsController,
  mode: () => DragMode,
  listener: StripsInputListener,
): () => void {
  let drag: Drag | null = null;
  const stop = new AbortController();
  const { signal } = stop;

  const point = (event: MouseEvent) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  const hover = (event: PointerEvent) => {
    const { x, y } = point(event);
    controller.setHover({ x, y });
    const hit = controller.hitAt(x, y);
    canvas.style.cursor = controller.isAxis(y) ? 'ew-resize' : hit && hit.span >= 0 ? 'pointer' : 'default';
    listener.hovered(hit, event.clientX, event.clientY);
    listener.hoveredOutage(controller.isAxis(y) ? controller.outageAt(x) : null, event.clientX, event.clientY);
  };

  const dragRange = (state: Drag, done: boolean) => {
    const { view, rows } = controller.scene;
    const times = [timeAt(view, state.startX), timeAt(view, state.lastX)].sort((a, b) => a - b);
    const ends = [state.startY, Math.max(AXIS_HEIGHT, state.lastY)]
      .map((y) => Math.min(rows.length - 1, Math.max(0, rowAt(controller.scene, y))))
      .sort((a, b) => a - b);
    if (rows.length > 0) listener.ranged({ from: times[0]!, to: times[1]! }, ends[0]!, ends[1]!, done);
  };

  canvas.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      const { x, y } = point(event);
      const selects = (event.shiftKey || mode() === 'select') && !controller.isAxis(y);
      drag = { mode: selects ? 'select' : 'pan', startX: x, startY: y, lastX: x, lastY: y, moved: false };
      canvas.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  canvas.addEventListener(
    'pointermove',
    (event) => {
      if (!drag) return hover(event);
      const { x, y } = point(event);
      if (!drag.moved && Math.hypot(x - drag.startX, y - drag.startY) < CLICK_PX) return;
      if (!drag.moved) {
        listener.hovered(null, 0, 0);
        listener.hoveredOutage(null, 0, 0);
      }
      drag.moved = true;
      if (drag.mode === 'pan') {
        canvas.style.cursor = 'grabbing';
        controller.setHover(null);
        controller.panBy(x - drag.lastX);
        controller.scrollBy(drag.lastY - y);
      }
      drag.lastX = x;
      drag.lastY = y;
      if (drag.mode === 'select') {
        controller.setHover({ x, y });
        dragRange(drag, false);
      }
    },
    { signal },
  );
  canvas.addEventListener(
    'pointerup',
    (event) => {
      const ended = drag;
      drag = null;
      if (!ended) return;
      if (ended.moved) {
        if (ended.mode === 'select') dragRange(ended, true);
      } else {
        const hit = controller.hitAt(ended.startX, ended.startY);
        if (hit) listener.picked(hit);
      }
      hover(event);
    },
    { signal },
  );
  canvas.addEventListener(
    'pointercancel',
    () => {
      drag = null;
    },
    { signal },
  );
  canvas.addEventListener(
    'pointerleave',
    () => {
      if (drag) return;
      controller.setHover(null);
      listener.hovered(null, 0, 0);
      listener.hoveredOutage(null, 0, 0);
    },
    { signal },
  );
  canvas.addEventListener(
    'dblclick',
    (event) => {
      const { x, y } = point(event);
      if (controller.isAxis(y)) return controller.showAll();
      const hit = controller.hitAt(x, y);
      if (hit) listener.opened(hit);
    },
    { signal },
  );
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
      const dx = event.deltaX * unit;
      const dy = event.deltaY * unit;
      listener.hovered(null, 0, 0);
      listener.hoveredOutage(null, 0, 0);
      if (event.altKey) return controller.scrollBy(dy);
      if (event.shiftKey || Math.abs(dx) > Math.abs(dy))
        return controller.panBy(-(event.shiftKey && dx === 0 ? dy : dx));
      const speed = event.ctrlKey ? 4 * ZOOM_PER_PX : ZOOM_PER_PX;
      controller.zoomAt(point(event).x, Math.exp(-dy * speed));
    },
    { signal, passive: false },
  );
  return () => stop.abort();
}
