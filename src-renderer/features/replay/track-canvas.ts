import type { Span } from '@shared/market';
import { drawVerdictMark, type MarkPalette, PatternCache, readMarkPalette, spanAt } from '../../charts';
import { type TrackMark, type TrackScale, trackMarks, xOfTime } from './track-scale';

const BAND_HEIGHT = 8;

/** The track's canvas: coverage of the range with its gaps, what has been played, and the playhead. */
export class TrackCanvas {
  readonly #canvas: HTMLCanvasElement;
  readonly #patterns = new PatternCache();
  readonly #resize: ResizeObserver;
  #palette: MarkPalette;
  #spans: readonly Span[] = [];
  #marks: readonly TrackMark[] = [];
  #scale: TrackScale = { range: { from: 0, to: 1 }, width: 0 };
  #drawn = '';

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#palette = readMarkPalette(canvas);
    this.#resize = new ResizeObserver(() => this.#measure());
    this.#resize.observe(canvas);
    this.#measure();
  }

  get scale(): TrackScale {
    return this.#scale;
  }

  destroy(): void {
    this.#resize.disconnect();
  }

  setTheme(): void {
    this.#palette = readMarkPalette(this.#canvas);
    this.#patterns.clear();
    this.#drawn = '';
  }

  show(range: TrackScale['range'], spans: readonly Span[]): void {
    this.#spans = spans;
    this.#scale = { ...this.#scale, range };
    this.#layOut();
  }

  /** Draws, unless nothing would look different. `ghost` is where a drag would seek to. */
  draw(playhead: number | null, ghost: number | null): void {
    const ratio = globalThis.devicePixelRatio || 1;
    const { width } = this.#scale;
    const at = playhead === null ? null : Math.round(xOfTime(this.#scale, playhead) * ratio) / ratio;
    const ghostAt = ghost === null ? null : Math.round(xOfTime(this.#scale, ghost) * ratio) / ratio;
    const inGap = playhead !== null && isGap(this.#spans, playhead);
    const look = `${at} ${ghostAt} ${inGap} ${width} ${ratio}`;
    if (look === this.#drawn) return;
    this.#drawn = look;
    const context = this.#canvas.getContext('2d');
    if (!context || width === 0) return;
    const height = this.#canvas.clientHeight;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const y = Math.round((height - BAND_HEIGHT) / 2);
    context.fillStyle = this.#palette.present;
    context.globalAlpha = 0.42;
    context.fillRect(0, y, width, BAND_HEIGHT);
    context.globalAlpha = 1;
    if (at !== null) context.fillRect(0, y, at, BAND_HEIGHT);
    for (const mark of this.#marks) {
      const box = { x: mark.x, y, width: mark.width, height: BAND_HEIGHT };
      drawVerdictMark(context, mark.verdict, box, this.#palette, this.#patterns, ratio);
    }
    if (ghostAt !== null) this.#drawHead(context, ghostAt, height, 0.45, false);
    if (at !== null) this.#drawHead(context, at, height, 1, inGap);
  }

  /** A bar; in a gap a hollow diamond sits on it, so that the playhead tells by its shape that no candle is here. */
  #drawHead(context: CanvasRenderingContext2D, at: number, height: number, alpha: number, inGap: boolean): void {
    const x = Math.min(this.#scale.width - 1, Math.max(1, at));
    context.globalAlpha = alpha;
    context.fillStyle = this.#palette.panel;
    context.fillRect(x - 2, 1, 4, height - 2);
    context.fillStyle = this.#palette.text;
    context.fillRect(x - 1, 1, 2, height - 2);
    if (inGap) {
      const middle = height / 2;
      context.beginPath();
      context.moveTo(x, middle - 6);
      context.lineTo(x + 6, middle);
      context.lineTo(x, middle + 6);
      context.lineTo(x - 6, middle);
      context.closePath();
      context.fillStyle = this.#palette.panel;
      context.fill();
      context.strokeStyle = this.#palette.text;
      context.lineWidth = 1.5;
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  #measure(): void {
    const ratio = globalThis.devicePixelRatio || 1;
    const width = this.#canvas.clientWidth;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(this.#canvas.clientHeight * ratio);
    this.#scale = { ...this.#scale, width };
    this.#layOut();
  }

  #layOut(): void {
    this.#marks = this.#scale.width > 0 ? trackMarks(this.#scale, this.#spans) : [];
    this.#drawn = '';
  }
}

function isGap(spans: readonly Span[], t: number): boolean {
  // The playhead stands at the close of a candle, which is the open of what follows.
  const span = spanAt(spans, t - 1);
  return span !== null && span.verdict !== 'present';
}
