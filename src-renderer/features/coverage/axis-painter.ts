import { formatTime, type Range } from '@shared/market';
import { MONO, SANS } from '../../charts';
import { AxisTicks, axisContext, type Tick } from './axis-ticks';
import type { StripsPalette } from './strips-palette';
import { AXIS_HEIGHT, type StripsScene } from './strips-scene';
import type { TextWidths } from './text-widths';
import { timeAt, xOf } from './time-view';

const MINOR_FONT = `450 11px ${SANS}`;
const MAJOR_FONT = `600 11px ${SANS}`;
const MOMENT_FONT = `500 11px ${MONO}`;

/** A moment with its name, and where that stands on the axis. */
interface Moment {
  readonly x: number;
  readonly label: string;
  readonly left: number;
  readonly width: number;
}

/** Narrower than this the chart's range could not be found. */
const CHARTED_PX = 6;

/** The axis above the rows, and the lines that lead down from it. A frame calls the three in their order, around what else it draws. */
export class AxisPainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #times = new AxisTicks();
  readonly #widths: TextWidths;
  #palette: StripsPalette;
  #ticks: readonly Tick[] = [];
  #pointer: Moment | null = null;

  constructor(context: CanvasRenderingContext2D, palette: StripsPalette, widths: TextWidths) {
    this.#context = context;
    this.#palette = palette;
    this.#widths = widths;
  }

  setPalette(palette: StripsPalette): void {
    this.#palette = palette;
  }

  paintGridLines(scene: StripsScene): void {
    const context = this.#context;
    this.#ticks = this.#times.of(scene.view);
    for (const tick of this.#ticks) {
      context.fillStyle = tick.major ? this.#palette.edge : this.#palette.line;
      context.fillRect(Math.round(xOf(scene.view, tick.t)), AXIS_HEIGHT - 6, 1, scene.height);
    }
  }

  /** Covers what scrolled under it. */
  paintLabels(scene: StripsScene): void {
    const context = this.#context;
    const palette = this.#palette;
    context.fillStyle = palette.bg;
    context.fillRect(0, 0, scene.width, AXIS_HEIGHT - 1);
    context.fillStyle = palette.line;
    context.fillRect(0, AXIS_HEIGHT - 1, scene.width, 1);
    context.textBaseline = 'alphabetic';
    context.textAlign = 'left';
    const around = axisContext(scene.view, this.#ticks);
    const taken = around ? 6 + this.#widths.of(context, MAJOR_FONT, around) + 12 : 0;
    if (around) {
      context.fillStyle = palette.text;
      context.fillText(around, 6, 20);
    }
    const pointer = scene.hover ? this.#moment(scene, scene.hover.x) : null;
    this.#pointer = pointer;
    for (const tick of this.#ticks) {
      const x = Math.round(xOf(scene.view, tick.t));
      context.fillStyle = tick.major ? palette.edge : palette.line;
      context.fillRect(x, AXIS_HEIGHT - 7, 1, 6);
      const width = this.#widths.of(context, tick.major ? MAJOR_FONT : MINOR_FONT, tick.label);
      if (x + 5 < taken || x + 5 + width > scene.width) continue;
      // Half a label beside the pointer's would read as another one.
      if (pointer && x + 5 < pointer.left + pointer.width && x + 5 + width > pointer.left) continue;
      context.fillStyle = tick.major ? palette.text : palette.dim;
      context.fillText(tick.label, x + 5, 20);
    }
  }

  /** What the chart shows, where a replay is, and where the pointer is. */
  paintMarks(scene: StripsScene): void {
    if (scene.charted) this.#paintCharted(scene, scene.charted);
    if (scene.playhead !== null) this.#paintPlayhead(scene, this.#moment(scene, xOf(scene.view, scene.playhead)));
    if (this.#pointer) this.#paintPointer(scene, this.#pointer);
  }

  /** The part of the axis that the chart shows: a bar on its lower edge. */
  #paintCharted(scene: StripsScene, range: Range): void {
    const from = xOf(scene.view, range.from);
    const width = Math.max(CHARTED_PX, xOf(scene.view, range.to) - from);
    const left = Math.max(0, from);
    const right = Math.min(scene.width, from + width);
    if (right <= left) return;
    this.#context.fillStyle = this.#palette.accent;
    this.#context.fillRect(left, AXIS_HEIGHT - 3, right - left, 3);
  }

  #paintPointer(scene: StripsScene, moment: Moment): void {
    if (!isInSight(scene, moment.x)) return;
    const context = this.#context;
    context.fillStyle = this.#palette.dim;
    context.globalAlpha = 0.55;
    context.fillRect(Math.round(moment.x), AXIS_HEIGHT, 1, scene.height);
    context.globalAlpha = 1;
    context.fillStyle = this.#palette.raise;
    this.#paintBox(moment);
    context.strokeStyle = this.#palette.edge;
    context.lineWidth = 1;
    context.stroke();
    this.#paintName(moment, this.#palette.text);
  }

  #paintPlayhead(scene: StripsScene, moment: Moment): void {
    if (!isInSight(scene, moment.x)) return;
    const context = this.#context;
    context.fillStyle = this.#palette.accent;
    context.fillRect(Math.round(moment.x) - 1, AXIS_HEIGHT, 2, scene.height);
    this.#paintBox(moment);
    this.#paintName(moment, this.#palette.bg);
  }

  #paintBox({ left, width }: Moment): void {
    this.#context.beginPath();
    this.#context.roundRect(left, 6, width, 20, 4);
    this.#context.fill();
  }

  #paintName({ label, left }: Moment, color: string): void {
    const context = this.#context;
    context.fillStyle = color;
    context.font = MOMENT_FONT;
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    context.fillText(label, left + 6, 16.5);
  }

  #moment(scene: StripsScene, x: number): Moment {
    const label = momentLabel(timeAt(scene.view, x), scene.view.msPerPx);
    const width = Math.ceil(this.#widths.of(this.#context, MOMENT_FONT, label)) + 12;
    return { x, label, left: Math.min(Math.max(0, x - width / 2), scene.width - width), width };
  }
}

function isInSight(scene: StripsScene, x: number): boolean {
  return x >= -1 && x <= scene.width + 1;
}

/** The time under a line, no finer than a pixel can tell. */
function momentLabel(t: number, msPerPx: number): string {
  const text = formatTime(Math.round(t / 1_000) * 1_000);
  if (msPerPx >= 6 * 3_600_000) return text.slice(0, 10);
  return msPerPx >= 30_000 ? text.slice(0, 16) : text.length === 16 ? `${text}:00` : text;
}
