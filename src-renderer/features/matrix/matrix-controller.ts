import type { Range } from '@shared/market';
import { readStripsPalette } from '../coverage';
import {
  layoutOf,
  maxScrollLeft,
  maxScrollTop,
  nearestPlace,
  type Place,
  type PlaceRange,
  placeAt,
  scrollToShow,
  visibleLines,
} from './matrix-layout';
import type { MatrixModel } from './matrix-model';
import { MatrixPainter } from './matrix-painter';
import type { MatrixScene } from './matrix-scene';

export interface MatrixScroll {
  readonly top: number;
  readonly left: number;
  readonly topLimit: number;
  readonly leftLimit: number;
}

export interface MatrixListener {
  /** The lines on screen changed: `[first, last)`. */
  linesShown(first: number, last: number): void;
  /** Called in the frame that draws it, so that heads and cells move together. */
  scrolled(scroll: MatrixScroll): void;
}

const STRIPE_PX_PER_MS = 0.024;

/**
 * Owns the canvas of all cells. Data and pixels stay out of React: it is told of model, selection and places, draws at most once a
 * frame, and only when something changed.
 */
export class MatrixController {
  readonly #canvas: HTMLCanvasElement;
  readonly #listener: MatrixListener;
  readonly #painter: MatrixPainter;
  readonly #reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #scene: MatrixScene;
  #frame = 0;
  #shown = '';
  #scrolled = '';

  constructor(canvas: HTMLCanvasElement, model: MatrixModel, listener: MatrixListener) {
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('this browser gives no 2d canvas');
    this.#canvas = canvas;
    this.#listener = listener;
    this.#painter = new MatrixPainter(context, readStripsPalette(canvas));
    this.#scene = {
      layout: layoutOf(1, model.columns.length),
      lines: model.lines.length,
      width: 1,
      height: 1,
      scrollTop: 0,
      scrollLeft: 0,
      ratio: devicePixelRatio,
      model,
      extent: { from: 0, to: 1 },
      selectedKeys: new Set(),
      active: null,
      focused: false,
      hover: null,
      lasso: null,
      working: new Map(),
      stripePhase: 0,
    };
  }

  get scene(): Readonly<MatrixScene> {
    return this.#scene;
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
  }

  /** CSS pixels of the canvas. */
  resize(width: number, height: number): void {
    const scene = this.#scene;
    scene.ratio = devicePixelRatio;
    scene.width = Math.max(1, width);
    scene.height = Math.max(1, height);
    scene.layout = layoutOf(scene.width, scene.model.columns.length);
    this.#canvas.width = Math.max(1, Math.round(scene.width * scene.ratio));
    this.#canvas.height = Math.max(1, Math.round(scene.height * scene.ratio));
    this.scrollTo(scene.scrollTop, scene.scrollLeft);
    // Setting the size clears the canvas; drawing in the same task avoids a blank frame.
    this.#draw(performance.now());
  }

  setModel(model: MatrixModel, extent: Range): void {
    const scene = this.#scene;
    if (model.columns.length !== scene.model.columns.length) scene.layout = layoutOf(scene.width, model.columns.length);
    scene.model = model;
    scene.lines = model.lines.length;
    scene.extent = extent;
    this.scrollTo(scene.scrollTop, scene.scrollLeft);
    // At once, so that heads come with their cells, and what is on screen is read first.
    this.#tell();
  }

  readColours(): void {
    this.#painter.setPalette(readStripsPalette(this.#canvas));
    this.invalidate();
  }

  redrawTexts(): void {
    this.#painter.redrawTexts();
    this.invalidate();
  }

  setSelection(keys: ReadonlySet<string>): void {
    this.#scene.selectedKeys = keys;
    this.invalidate();
  }

  setActive(active: Place | null, focused: boolean): void {
    this.#scene.active = active;
    this.#scene.focused = focused;
    this.invalidate();
  }

  setHover(hover: Place | null): void {
    const before = this.#scene.hover;
    if (before?.line === hover?.line && before?.column === hover?.column) return;
    this.#scene.hover = hover;
    this.invalidate();
  }

  setLasso(lasso: PlaceRange | null): void {
    this.#scene.lasso = lasso;
    this.invalidate();
  }

  setWorking(working: ReadonlyMap<string, readonly Range[]>): void {
    this.#scene.working = working;
    this.invalidate();
  }

  placeAt(x: number, y: number): Place | null {
    return placeAt(this.#scene, x, y);
  }

  nearestPlace(x: number, y: number): Place {
    return nearestPlace(this.#scene, x, y);
  }

  scrollBy(dx: number, dy: number): void {
    this.scrollTo(this.#scene.scrollTop + dy, this.#scene.scrollLeft + dx);
  }

  scrollTo(top: number, left: number): void {
    const scene = this.#scene;
    scene.scrollTop = Math.round(Math.min(Math.max(0, top), maxScrollTop(scene)));
    scene.scrollLeft = Math.round(Math.min(Math.max(0, left), maxScrollLeft(scene)));
    this.invalidate();
  }

  /** Scrolls as little as needed to show the place. */
  reveal(place: Place): void {
    const { top, left } = scrollToShow(this.#scene, place);
    this.scrollTo(top, left);
  }

  invalidate(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame((time) => this.#draw(time));
  }

  #draw(time: number): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const scene = this.#scene;
    const moving = scene.working.size > 0 && !this.#reducedMotion.matches;
    scene.stripePhase = moving ? time * STRIPE_PX_PER_MS : 0;
    const isWhole = this.#painter.paint(scene);
    const painted = isWhole && this.#isRead() ? 'whole' : 'part';
    if (this.#canvas.dataset.painted !== painted) this.#canvas.dataset.painted = painted;
    this.#tell();
    if (moving || !isWhole) this.invalidate();
  }

  /** Whether the coverage of every series on screen is there. */
  #isRead(): boolean {
    const { model } = this.#scene;
    const { first, last } = visibleLines(this.#scene);
    return (
      last > first &&
      model.lines
        .slice(first, last)
        .every((line) => line.kind === 'group' || line.row.cells.every(({ summary, page }) => !summary || page))
    );
  }

  #tell(): void {
    const scene = this.#scene;
    const scroll = {
      top: scene.scrollTop,
      left: scene.scrollLeft,
      topLimit: maxScrollTop(scene),
      leftLimit: maxScrollLeft(scene),
    };
    const scrolled = `${scroll.top} ${scroll.left} ${scroll.topLimit} ${scroll.leftLimit} ${scene.layout.cellWidth} ${scene.height}`;
    if (scrolled !== this.#scrolled) {
      this.#scrolled = scrolled;
      this.#listener.scrolled(scroll);
    }
    const { first, last } = visibleLines(scene);
    const shown = `${first} ${last} ${scene.layout.cellWidth}`;
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#listener.linesShown(first, last);
    }
  }
}
