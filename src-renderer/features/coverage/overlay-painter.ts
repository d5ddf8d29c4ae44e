import type { Range } from '@shared/market';
import { SANS } from '../../charts';
import type { StripsPalette } from './strips-palette';
import { AXIS_HEIGHT, STRIP_HEIGHT, type StripsScene } from './strips-scene';
import type { TextWidths } from './text-widths';
import { rangeOf, xOf } from './time-view';

type Context = CanvasRenderingContext2D;

const NOW_DASH = [3, 3];
const WAITING_DASH = [5, 3];
const NO_DASH: number[] = [];
const NAME = 'outage';
const NAME_FONT = `500 10px ${SANS}`;
/** Narrower bands have their mark and a tooltip; names of all of them would fill the axis of years. */
const LEAST_NAMED = 4;
/** Names nearer to each other than this would run together. */
const NAME_AIR = 8;

/** Behind all rows: where the whole exchange stood still. */
export function paintOutageBands(context: Context, scene: StripsScene, palette: StripsPalette): void {
  const shown = rangeOf(scene.view);
  context.fillStyle = palette.band;
  for (const band of scene.outages) {
    if (band.to < shown.from || band.from > shown.to) continue;
    const left = xOf(scene.view, band.from);
    const right = xOf(scene.view, band.to);
    context.fillRect(left, AXIS_HEIGHT, Math.max(1, right - left), scene.height - AXIS_HEIGHT);
  }
}

/** On the axis: each band's mark, and its name where there is room for it. */
export function paintOutageNames(
  context: Context,
  scene: StripsScene,
  palette: StripsPalette,
  widths: TextWidths,
): void {
  const wide = widths.of(context, NAME_FONT, NAME);
  context.textBaseline = 'alphabetic';
  context.textAlign = 'left';
  const shown = rangeOf(scene.view);
  let free = 0;
  for (const band of scene.outages) {
    if (band.to < shown.from || band.from > shown.to) continue;
    const left = xOf(scene.view, band.from);
    const right = xOf(scene.view, band.to);
    context.fillStyle = palette.explained;
    context.fillRect(left, 0, Math.max(2, right - left), 3);
    const middle = (Math.max(0, left) + Math.min(scene.width, right)) / 2;
    const x = Math.min(Math.max(2, middle - wide / 2), scene.width - wide - 2);
    if (right - left < LEAST_NAMED || x < free) continue;
    context.fillStyle = palette.dim;
    context.fillText(NAME, x, 11);
    free = x + wide + NAME_AIR;
  }
}

/** The present moment, when it is in sight: a dashed line, behind which nothing can be stored yet. */
export function paintNow(context: Context, scene: StripsScene, palette: StripsPalette): void {
  const x = Math.round(xOf(scene.view, scene.now)) + 0.5;
  if (x < 0 || x > scene.width) return;
  context.strokeStyle = palette.edge;
  context.lineWidth = 1;
  context.setLineDash(NOW_DASH);
  context.beginPath();
  context.moveTo(x, AXIS_HEIGHT);
  context.lineTo(x, scene.height);
  context.stroke();
  context.setLineDash(NO_DASH);
}

/** What waits for its turn: a dashed frame with a clock, which stands still where stripes of work move. */
export function paintWaiting(
  context: Context,
  scene: StripsScene,
  range: Range,
  y: number,
  palette: StripsPalette,
): void {
  const left = Math.max(-2, xOf(scene.view, range.from));
  const right = Math.min(scene.width + 2, xOf(scene.view, range.to));
  if (right < 0 || left > scene.width) return;
  const width = Math.max(4, right - left);
  context.strokeStyle = palette.live;
  context.lineWidth = 1.5;
  context.setLineDash(WAITING_DASH);
  context.strokeRect(left, y - 2, width, STRIP_HEIGHT + 4);
  context.setLineDash(NO_DASH);
  if (width < 22) return;
  const [x, middle, radius] = [Math.max(0, left) + 10, y + STRIP_HEIGHT / 2, 5];
  context.fillStyle = palette.bg;
  context.beginPath();
  context.arc(x, middle, radius + 2, 0, 2 * Math.PI);
  context.fill();
  context.lineWidth = 1.3;
  context.beginPath();
  context.arc(x, middle, radius, 0, 2 * Math.PI);
  context.moveTo(x, middle - 3);
  context.lineTo(x, middle);
  context.lineTo(x + 2.5, middle);
  context.stroke();
}
