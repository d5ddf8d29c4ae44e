import type { Range } from '@shared/market';
import { hitSpan } from '../../client';
import { bandAt, type OutageBand, outageBands } from './outage-bands';
import { StripsPainter } from './strips-painter';
import { readStripsPalette } from './strips-palette';
import { maxScroll, ROW_HEIGHT, rowAt, type StripRow, type StripsScene, visibleRows } from './strips-scene';
import {
  clampView,
  panView,
  rangeOf,
  resizeView,
  type TimeView,
  timeAt,
  viewAround,
  viewOf,
  wholeRange,
  zoomView,
} from './time-view';
import { betweenViews } from './view-motion';

/** What lies under a point: the row, the moment, and the index of the span that is meant (-1: none). */
export interface StripHit {
  readonly row: number;
  readonly key: string;
  readonly at: number;
  readonly span: number;
}

export interface StripsListener {
  /** The rows on screen changed: `[first, last)`. */
  rowsShown(first: number, last: number): void;
  /** Pixels by which the rows are scrolled, after a change; called in the frame that draws it. */
  scrolled(scrollTop: number, limit: number): void;
  /** Another range is shown, in the frame that draws it. */
  moved(shown: Range, whole: Range): void;
  /** At once after a jump; at most five times a second while it moves, and when a movement has ended. */
  viewed(view: TimeView): void;
}

const MOTION_MS = 160;
/** A pointer this near to a narrow span means it. */
const HIT_PX = 4;
/** A view that rests for so long is told; one that moves goes on for longer, since texts and elements that follow it are most of a pan's garbage. */
const REST_MS = 50;
const TELL_MOVING_MS = 200;
const STRIPE_PX_PER_MS = 0.024;
/** Views to which Escape leads back. */
const HISTORY = 20;

interface Motion {
  readonly from: TimeView;
  readonly to: TimeView;
  readonly begin: number;
}

/**
 * Owns the canvas of all strips. Data and pixels stay out of React: it is told of rows, selection and time, draws at most once a
 * frame, and only when something changed.
 */
export class StripsController {
  readonly #painter: StripsPainter;
  readonly #canvas: HTMLCanvasElement;
  readonly #listener: StripsListener;
  readonly #reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #history: TimeView[] = [];
  readonly #scene: StripsScene;
  #whole: Range;
  #motion: Motion | null = null;
  #frame = 0;
  #viewedAt = 0;
  #tellTimer: ReturnType<typeof setTimeout> | null = null;
  #shown = { first: -1, last: -1 };
  #scrolled = { top: -1, limit: -1, height: -1 };
  #told: TimeView | null = null;
  /** The view that listeners read, and the one that stood when it was last looked at. */
  #viewed: TimeView | null = null;
  #lastSeen: TimeView | null = null;
  /** False until a size and a first range were given. */
  #framed = false;
  #moved = false;

  constructor(canvas: HTMLCanvasElement, listener: StripsListener) {
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('this browser gives no 2d canvas');
    this.#canvas = canvas;
    this.#listener = listener;
    this.#painter = new StripsPainter(context, readStripsPalette(canvas));
    const now = Date.now();
    this.#whole = wholeRange(now);
    this.#scene = {
      view: viewOf(this.#whole, 1),
      width: 1,
      height: 1,
      ratio: devicePixelRatio,
      scrollTop: 0,
      rows: [],
      selectedKeys: new Set(),
      selectedRange: null,
      selectionIsBand: false,
      hover: null,
      active: new Map(),
      waiting: new Map(),
      outages: [],
      stripePhase: 0,
      playhead: null,
      charted: null,
      now,
    };
  }

  get view(): TimeView {
    return this.#motion?.to ?? this.#scene.view;
  }

  get scene(): Readonly<StripsScene> {
    return this.#scene;
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    if (this.#tellTimer !== null) clearTimeout(this.#tellTimer);
  }

  resize(width: number, height: number): void {
    const scene = this.#scene;
    scene.ratio = devicePixelRatio;
    scene.view = this.#framed ? resizeView(scene.view, width, this.#whole) : viewOf(this.#whole, width);
    scene.width = width;
    scene.height = height;
    this.#canvas.width = Math.max(1, Math.round(width * scene.ratio));
    this.#canvas.height = Math.max(1, Math.round(height * scene.ratio));
    this.#framed = true;
    this.#motion = null;
    this.scrollTo(scene.scrollTop);
    // Setting the size clears the canvas; drawing in the same task avoids a blank frame.
    this.#draw(performance.now());
  }

  readColours(): void {
    this.#painter.setPalette(readStripsPalette(this.#canvas));
    this.invalidate();
  }

  /** Texts are measured again, with the fonts that have come. */
  fontsLoaded(): void {
    this.#painter.forgetWidths();
    this.invalidate();
  }

  setRows(rows: readonly StripRow[]): void {
    this.#scene.rows = rows;
    const { first, last } = visibleRows(rows.length, this.#scene.height, this.#scene.scrollTop);
    this.#readOutages(first, last);
    this.scrollTo(this.#scene.scrollTop);
    this.invalidate();
  }

  setSelection(keys: readonly string[], range: Range | null, isBand: boolean): void {
    this.#scene.selectedKeys = new Set(keys);
    this.#scene.selectedRange = range;
    this.#scene.selectionIsBand = isBand;
    this.invalidate();
  }

  setActive(active: ReadonlyMap<string, readonly Range[]>): void {
    this.#scene.active = active;
    this.invalidate();
  }

  /** Ranges of jobs that have not come to them yet. */
  setWaiting(waiting: ReadonlyMap<string, readonly Range[]>): void {
    this.#scene.waiting = waiting;
    this.invalidate();
  }

  /** The stop under a point of the axis. */
  outageAt(x: number): OutageBand | null {
    return bandAt(this.#scene.outages, timeAt(this.#scene.view, x), HIT_PX * this.#scene.view.msPerPx);
  }

  setPlayhead(t: number | null): void {
    if (this.#scene.playhead === t) return;
    this.#scene.playhead = t;
    this.invalidate();
  }

  setCharted(range: Range | null): void {
    this.#scene.charted = range;
    this.invalidate();
  }

  setNow(now: number): void {
    this.#scene.now = now;
    this.#whole = { from: this.#whole.from, to: wholeRange(now).to };
    this.invalidate();
  }

  setHover(point: { x: number; y: number } | null): void {
    const row = point ? rowAt(this.#scene, point.y) : -1;
    this.#scene.hover = point ? { x: point.x, row } : null;
    this.invalidate();
  }

  hitAt(x: number, y: number): StripHit | null {
    const row = rowAt(this.#scene, y);
    const series = this.#scene.rows[row];
    if (!series) return null;
    const at = timeAt(this.#scene.view, x);
    const span = series.spans ? hitSpan(series.spans, at, HIT_PX * this.#scene.view.msPerPx) : -1;
    return { row, key: series.key, at, span };
  }

  /** Whether the pointer is over the axis. */
  isAxis(y: number): boolean {
    return rowAt(this.#scene, y) === -1;
  }

  zoomAt(x: number, factor: number, moving = true): void {
    this.#go(zoomView(this.view, x, factor, this.#whole), moving);
  }

  panBy(dx: number): void {
    this.#go(panView(this.view, dx, this.#whole), false);
  }

  scrollBy(dy: number): void {
    this.scrollTo(this.#scene.scrollTop + dy);
  }

  scrollTo(top: number): void {
    const limit = maxScroll(this.#scene.rows.length, this.#scene.height);
    this.#scene.scrollTop = Math.round(Math.min(Math.max(0, top), limit));
    this.invalidate();
  }

  /** Scrolls as little as needed to show the row. */
  revealRow(index: number): void {
    const { scrollTop, height } = this.#scene;
    const room = height - 32 - ROW_HEIGHT;
    const top = index * ROW_HEIGHT;
    if (top < scrollTop) this.scrollTo(top);
    else if (top > scrollTop + room) this.scrollTo(top - room);
  }

  /** Brings a range into sight without changing the scale, when it is out of it. */
  revealRange(range: Range): void {
    const shown = rangeOf(this.view);
    if (range.from >= shown.from && range.to <= shown.to) return;
    const length = shown.to - shown.from;
    if (range.to - range.from > length) {
      this.zoomTo(range);
      return;
    }
    const middle = (range.from + range.to) / 2;
    this.#jump(clampView({ ...this.view, from: middle - length / 2 }, this.#whole));
  }

  /** Shows the range with air around it; `back` returns to what was shown before. */
  zoomTo(range: Range, air?: number): void {
    this.#history.push(this.view);
    if (this.#history.length > HISTORY) this.#history.shift();
    this.#jump(viewAround(range, this.#scene.width, this.#whole, air));
  }

  /** Whether anyone has moved the view yet. */
  get moved(): boolean {
    return this.#moved;
  }

  /** Shows exactly this range, and does not count as moved. */
  setRange(range: Range): void {
    const moved = this.#moved;
    this.#jump(clampView(viewOf(range, this.#scene.width), this.#whole));
    this.#moved = moved;
  }

  /** Shows exactly this range at once, as a person drags it. */
  showRange(range: Range): void {
    this.#go(clampView(viewOf(range, this.#scene.width), this.#whole), false);
  }

  get whole(): Range {
    return this.#whole;
  }

  showAll(): void {
    this.#history.push(this.view);
    this.#jump(viewOf(this.#whole, this.#scene.width));
  }

  /** Back to the view before the last `zoomTo`; false when there is none. */
  back(): boolean {
    const view = this.#history.pop();
    if (view) this.#jump(resizeView(view, this.#scene.width, this.#whole));
    return view !== undefined;
  }

  invalidate(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame((time) => this.#draw(time));
  }

  /** Elsewhere at once, and told at once: only the wheel's own zoom glides. */
  #jump(to: TimeView): void {
    this.#go(to, false);
    this.#tellViewed(to);
  }

  #go(to: TimeView, moving: boolean): void {
    this.#moved = true;
    if (moving && !this.#reducedMotion.matches) {
      this.#motion = { from: this.#scene.view, to, begin: performance.now() };
    } else {
      this.#motion = null;
      this.#scene.view = to;
    }
    this.invalidate();
  }

  #draw(time: number): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const scene = this.#scene;
    if (this.#motion) {
      const { from, to, begin } = this.#motion;
      const part = Math.min(1, Math.max(0, (time - begin) / MOTION_MS));
      scene.view = betweenViews(from, to, 1 - (1 - part) ** 3);
      if (part === 1) this.#motion = null;
    }
    const working = scene.active.size > 0 && !this.#reducedMotion.matches;
    scene.stripePhase = working ? time * STRIPE_PX_PER_MS : 0;
    this.#painter.paint(scene);
    this.#tell();
    if (this.#motion || working) this.invalidate();
  }

  /** The stops that the rows on screen show. */
  #readOutages(first: number, last: number): void {
    this.#scene.outages = outageBands(this.#scene.rows.slice(first, last));
    this.invalidate();
  }

  #tell(): void {
    const scene = this.#scene;
    const { scrollTop, height } = scene;
    const limit = maxScroll(scene.rows.length, height);
    const { top, limit: before, height: heightBefore } = this.#scrolled;
    if (scrollTop !== top || limit !== before || height !== heightBefore) {
      // The listener reads and writes layout, which no frame of a pan should pay for.
      this.#scrolled = { top: scrollTop, limit, height };
      this.#listener.scrolled(scrollTop, limit);
    }
    if (scene.view !== this.#told) {
      this.#told = scene.view;
      this.#listener.moved(rangeOf(scene.view), this.#whole);
    }
    const { first, last } = visibleRows(scene.rows.length, height, scrollTop);
    if (first !== this.#shown.first || last !== this.#shown.last) {
      this.#shown = { first, last };
      this.#listener.rowsShown(first, last);
      this.#readOutages(first, last);
    }
    if (this.#tellTimer === null && scene.view !== this.#viewed) this.#tellLater();
  }

  #tellLater(): void {
    this.#tellTimer = setTimeout(() => {
      this.#tellTimer = null;
      const { view } = this.#scene;
      const isMoving = view !== this.#lastSeen;
      this.#lastSeen = view;
      if (isMoving && performance.now() - this.#viewedAt < TELL_MOVING_MS) this.#tellLater();
      else this.#tellViewed(view);
    }, REST_MS);
  }

  #tellViewed(view: TimeView): void {
    this.#viewed = view;
    this.#viewedAt = performance.now();
    this.#listener.viewed(view);
  }
}
