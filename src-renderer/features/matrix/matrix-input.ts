import type { MatrixController } from './matrix-controller';
import { type Place, type PlaceRange, spannedBy } from './matrix-layout';
import type { PickHow } from './matrix-selection';

export interface MatrixInputListener {
  /** The pointer rests on or leaves (null) a place; page pixels for the tooltip. */
  hovered(place: Place | null, x: number, y: number): void;
  picked(place: Place, how: PickHow): void;
  /** A rectangle was dragged; with `adds` it comes to what was selected before. */
  lassoed(range: PlaceRange, from: Place, adds: boolean): void;
  opened(place: Place): void;
}

/** A press that moves less than this is a click. */
const CLICK_PX = 4;
const LINE_PX = 16;

interface Drag {
  readonly x: number;
  readonly y: number;
  readonly from: Place | null;
  moved: boolean;
}

/** How a click with these keys changes the selection. */
export function pickHow(event: Pick<MouseEvent, 'shiftKey' | 'ctrlKey' | 'metaKey'>): PickHow {
  if (event.shiftKey) return 'extend';
  return event.ctrlKey || event.metaKey ? 'toggle' : 'alone';
}

/**
 * Pointer and wheel on rows and cells of the matrix; `body` holds both, `labels` tells the width of the row heads. Dragging is a lasso
 * over cells, over the heads of rows it takes whole rows. At the edge it scrolls on.
 */
export function attachMatrixInput(
  body: HTMLElement,
  controller: MatrixController,
  labels: () => number,
  listener: MatrixInputListener,
): () => void {
  let drag: Drag | null = null;
  const stop = new AbortController();
  const { signal } = stop;

  const point = (event: MouseEvent) => {
    const box = body.getBoundingClientRect();
    return { x: event.clientX - box.left - labels(), y: event.clientY - box.top };
  };
  /** A fold button, or anything else that acts by itself. */
  const isControl = (event: Event) => event.target instanceof Element && event.target.closest('button') !== null;

  const hover = (event: PointerEvent) => {
    const { x, y } = point(event);
    const place = controller.placeAt(x, Math.max(0, y));
    controller.setHover(place);
    listener.hovered(place && place.column >= 0 ? place : null, event.clientX, event.clientY);
  };

  const rangeOf = (from: Place, x: number, y: number): PlaceRange => {
    const { model } = controller.scene;
    const to = controller.nearestPlace(x, y);
    return spannedBy(from, from.column < 0 ? { ...to, column: -1 } : to, model.lines.length, model.columns.length);
  };

  body.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0 || isControl(event)) return;
      const { x, y } = point(event);
      drag = { x, y, from: controller.placeAt(x, Math.max(0, y)), moved: false };
      body.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  body.addEventListener(
    'pointermove',
    (event) => {
      if (!drag) return hover(event);
      const { x, y } = point(event);
      if (!drag.from || (!drag.moved && Math.hypot(x - drag.x, y - drag.y) < CLICK_PX)) return;
      if (!drag.moved) listener.hovered(null, 0, 0);
      drag.moved = true;
      const { width, height, layout } = controller.scene;
      const step = layout.rowHeight / 2;
      controller.scrollBy(
        x > width ? step : x < 0 && drag.from.column >= 0 ? -step : 0,
        y > height ? step : y < 0 ? -step : 0,
      );
      controller.setHover(null);
      controller.setLasso(rangeOf(drag.from, x, y));
    },
    { signal },
  );
  const end = (event: PointerEvent) => {
    const ended = drag;
    drag = null;
    controller.setLasso(null);
    if (!ended?.from || event.type === 'pointercancel') return;
    const { x, y } = point(event);
    if (ended.moved) listener.lassoed(rangeOf(ended.from, x, y), ended.from, pickHow(event) !== 'alone');
    else listener.picked(ended.from, pickHow(event));
  };
  body.addEventListener('pointerup', end, { signal });
  body.addEventListener('pointercancel', end, { signal });
  body.addEventListener(
    'pointerleave',
    () => {
      if (drag) return;
      controller.setHover(null);
      listener.hovered(null, 0, 0);
    },
    { signal },
  );
  body.addEventListener(
    'dblclick',
    (event) => {
      if (isControl(event)) return;
      const { x, y } = point(event);
      const place = controller.placeAt(x, Math.max(0, y));
      if (place) listener.opened(place);
    },
    { signal },
  );
  body.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
      const sideways = event.shiftKey && event.deltaX === 0;
      listener.hovered(null, 0, 0);
      controller.setHover(null);
      controller.scrollBy((sideways ? event.deltaY : event.deltaX) * unit, sideways ? 0 : event.deltaY * unit);
    },
    { signal, passive: false },
  );
  return () => stop.abort();
}
