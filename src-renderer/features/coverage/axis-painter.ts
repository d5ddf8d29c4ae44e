import { formatTime, type Range } from '@shared/market';
import { axisContext, type Tick } from './axis-ticks';
import type { StripsPalette } from './strips-palette';
import { AXIS_HEIGHT, type StripsScene } from './strips-scene';
import { timeAt, xOf } from './time-view';

type Context = CanvasRenderingContext2D;

const SANS = '"Inter Variable", system-ui, sans-serif';
const MONO = '"JetBrains Mono Variable", ui-monospace, monospace';

export function paintGridLines(
  context: Context,
  scene: StripsScene,
  ticks: readonly Tick[],
  palette: StripsPalette,
): void {
  for (const tick of ticks) {
    context.fillStyle = tick.major ? palette.edge : palette.line;
    context.fillRect(Math.round(xOf(scene.view, tick.t)), AXIS_HEIGHT - 6, 1, scene.height);
  }
}

/** The axis above the rows; covers what scrolled under it. */
export function paintAxis(context: Context, scene: StripsScene, ticks: readonly Tick[], palette: StripsPalette): void {
  context.fillStyle = palette.bg;
  context.fillRect(0, 0, scene.width, AXIS_HEIGHT - 1);
  context.fillStyle = palette.line;
  context.fillRect(0, AXIS_HEIGHT - 1, scene.width, 1);
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  const around = axisContext(scene.view, ticks);
  context.font = `600 11px ${SANS}`;
  const taken = around ? 6 + context.measureText(around).width + 12 : 0;
  if (around) {
    context.fillStyle = palette.text;
    context.fillText(around, 6, 20);
  }
  const hover = scene.hover ? momentBox(context, scene, scene.hover.x) : null;
  for (const tick of ticks) {
    const x = Math.round(xOf(scene.view, tick.t));
    context.fillStyle = tick.major ? palette.edge : palette.line;
    context.fillRect(x, AXIS_HEIGHT - 7, 1, 6);
    context.font = `${tick.major ? 600 : 450} 11px ${SANS}`;
    const width = context.measureText(tick.label).width;
    if (x + 5 < taken || x + 5 + width > scene.width) continue;
    // Half a label beside the pointer's would read as another one.
    if (hover && x + 5 < hover.left + hover.width && x + 5 + width > hover.left) continue;
    context.fillStyle = tick.major ? palette.text : palette.dim;
    context.fillText(tick.label, x + 5, 20);
  }
}

/** Narrower than this the chart's range could not be found. */
const CHARTED_PX = 6;

/** The part of the axis that the chart shows: a bar on its lower edge. */
export function paintCharted(context: Context, scene: StripsScene, range: Range, palette: StripsPalette): void {
  const from = xOf(scene.view, range.from);
  const width = Math.max(CHARTED_PX, xOf(scene.view, range.to) - from);
  const left = Math.max(0, from);
  const right = Math.min(scene.width, from + width);
  if (right <= left) return;
  context.fillStyle = palette.accent;
  context.fillRect(left, AXIS_HEIGHT - 3, right - left, 3);
}

/** A vertical line at a moment, named on the axis: where the pointer is, or where a replay is. */
export function paintMoment(
  context: Context,
  scene: StripsScene,
  x: number,
  palette: StripsPalette,
  kind: 'hover' | 'playhead',
): void {
  if (x < -1 || x > scene.width + 1) return;
  const color = kind === 'hover' ? palette.dim : palette.accent;
  context.fillStyle = color;
  context.globalAlpha = kind === 'hover' ? 0.55 : 1;
  context.fillRect(Math.round(x) - (kind === 'hover' ? 0 : 1), AXIS_HEIGHT, kind === 'hover' ? 1 : 2, scene.height);
  context.globalAlpha = 1;
  const { label, left, width } = momentBox(context, scene, x);
  context.fillStyle = kind === 'hover' ? palette.raise : color;
  context.beginPath();
  context.roundRect(left, 6, width, 20, 4);
  context.fill();
  if (kind === 'hover') {
    context.strokeStyle = palette.edge;
    context.lineWidth = 1;
    context.stroke();
  }
  context.fillStyle = kind === 'hover' ? palette.text : palette.bg;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(label, left + 6, 16.5);
}

/** Where the name of a moment stands on the axis; leaves the context with its font. */
function momentBox(context: Context, scene: StripsScene, x: number): { label: string; left: number; width: number } {
  const label = momentLabel(timeAt(scene.view, x), scene.view.msPerPx);
  context.font = `500 11px ${MONO}`;
  const width = Math.ceil(context.measureText(label).width) + 12;
  return { label, left: Math.min(Math.max(0, x - width / 2), scene.width - width), width };
}

/** The time under a line, no finer than a pixel can tell. */
function momentLabel(t: number, msPerPx: number): string {
  const text = formatTime(Math.round(t / 1_000) * 1_000);
  if (msPerPx >= 6 * 3_600_000) return text.slice(0, 10);
  return msPerPx >= 30_000 ? text.slice(0, 16) : text.length === 16 ? `${text}:00` : text;
}
