import type { WindowBox } from './minimap-window';
import { readStripsPalette, type StripsPalette } from './strips-palette';

/** What of the map's height is free above and below the window, in CSS pixels. */
const TOP = 2;
const BOTTOM = 1;
const RADIUS = 3;

/**
 * Draws the window of the minimap. An element that moved in every frame of a pan would cost a style, a layout, a paint and five kilobytes
 * of the browser's garbage each time; drawn, it costs a few pixels.
 */
export class MinimapWindowPainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #height: number;
  #palette: StripsPalette;
  #ratio = 1;
  #drawn: WindowBox | null = null;

  /** `height` of the canvas in CSS pixels. */
  constructor(canvas: HTMLCanvasElement, height: number) {
    const context = canvas.getContext('2d');
    if (!context) throw new Error('this browser gives no 2d canvas');
    this.#context = context;
    this.#height = height;
    this.#palette = readStripsPalette(canvas);
  }

  /** An empty canvas `width` CSS pixels wide with `ratio` pixels of the screen to each, and the colours as they apply to it. */
  reset(width: number, ratio: number): void {
    const { canvas } = this.#context;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(this.#height * ratio);
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#ratio = ratio;
    this.#palette = readStripsPalette(canvas);
    this.#drawn = null;
  }

  /** `box` stands on whole pixels of the screen. */
  paint(box: WindowBox): void {
    const drawn = this.#drawn;
    if (drawn && drawn.left === box.left && drawn.width === box.width) return;
    this.#drawn = box;
    const context = this.#context;
    const onPixel = (y: number) => Math.round(y * this.#ratio) / this.#ratio;
    const top = onPixel(TOP);
    const height = onPixel(this.#height - BOTTOM) - top;
    if (drawn) context.clearRect(drawn.left, top, drawn.width, height);
    context.fillStyle = this.#palette.sel;
    context.beginPath();
    context.roundRect(box.left, top, box.width, height, RADIUS);
    context.fill();
    const line = onPixel(1);
    context.strokeStyle = this.#palette.accent;
    context.lineWidth = line;
    context.beginPath();
    context.roundRect(box.left + line / 2, top + line / 2, box.width - line, height - line, RADIUS - line / 2);
    context.stroke();
  }
}
