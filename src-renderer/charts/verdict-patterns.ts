import type { Verdict } from '@shared/market';

/**
 * The marks of the ten verdicts, one drawing for strips, chart and track. Colour is the second channel: every verdict has a
 * shape of its own, and only `unexplained` and `fetch_failed` wear the alarm colour.
 */
export type MarkShape =
  | 'solid'
  | 'diagonal'
  | 'counter-diagonal'
  | 'dots'
  | 'baseline'
  | 'open-outline'
  | 'dotted-outline'
  | 'cross'
  | 'notch';

export type MarkColor = 'present' | 'explained' | 'faint' | 'dim' | 'alarm';

export interface VerdictMark {
  readonly shape: MarkShape;
  readonly color: MarkColor;
  /** The verdict in words, for labels. */
  readonly label: string;
}

export const VERDICT_MARKS: Readonly<Record<Verdict, VerdictMark>> = {
  present: { shape: 'solid', color: 'present', label: 'present' },
  exchange_outage: { shape: 'diagonal', color: 'explained', label: 'exchange outage' },
  symbol_halt: { shape: 'counter-diagonal', color: 'explained', label: 'symbol halt' },
  not_listed_yet: { shape: 'baseline', color: 'faint', label: 'not listed yet' },
  delisted: { shape: 'baseline', color: 'faint', label: 'delisted' },
  not_closed_yet: { shape: 'open-outline', color: 'dim', label: 'not closed yet' },
  confirmed_absent: { shape: 'dots', color: 'explained', label: 'confirmed absent' },
  fetch_failed: { shape: 'cross', color: 'alarm', label: 'fetch failed' },
  unexplained: { shape: 'notch', color: 'alarm', label: 'unexplained' },
  not_asked: { shape: 'dotted-outline', color: 'dim', label: 'not asked' },
};

/** Resolved values of the colour tokens that canvases need. */
export interface MarkPalette extends Readonly<Record<MarkColor, string>> {
  readonly bg: string;
  readonly panel: string;
  readonly line: string;
  readonly text: string;
}

const PALETTE_TOKENS = ['bg', 'panel', 'line', 'text', 'present', 'explained', 'faint', 'dim', 'alarm'] as const;

/** Reads the tokens as they apply to `element`; call again after a change of theme. */
export function readMarkPalette(element: Element): MarkPalette {
  const style = getComputedStyle(element);
  const palette: Record<string, string> = {};
  for (const token of PALETTE_TOKENS) palette[token] = style.getPropertyValue(`--${token}`).trim() || '#888';
  return palette as unknown as MarkPalette;
}

export type PatternShape = 'diagonal' | 'counter-diagonal' | 'dots' | 'cross-hatch';

/** Side of a pattern tile in CSS pixels. */
const TILE = 8;

const DOTS = [2, 2];
const NO_DASH: number[] = [];

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Makes and keeps repeating patterns, sharp at any device pixel ratio. */
export class PatternCache {
  readonly #byShape = new Map<PatternShape, Map<string, CanvasPattern>>();
  #ratio = 0;

  /** Pattern for a context whose unit is a CSS pixel (one that was scaled by `ratio`). */
  get(context: Context, shape: PatternShape, color: string, ratio: number): CanvasPattern | string {
    if (ratio !== this.#ratio) this.clear();
    this.#ratio = ratio;
    const made = this.#byShape.get(shape) ?? new Map<string, CanvasPattern>();
    const known = made.get(color);
    if (known) return known;
    const side = Math.round(TILE * ratio);
    const tile = new OffscreenCanvas(side, side);
    const pen = tile.getContext('2d');
    if (!pen) return color;
    pen.scale(side / TILE, side / TILE);
    drawTile(pen, shape, color);
    const pattern = context.createPattern(tile, 'repeat');
    if (!pattern) return color;
    pattern.setTransform(new DOMMatrix().scale(TILE / side));
    made.set(color, pattern);
    this.#byShape.set(shape, made);
    return pattern;
  }

  clear(): void {
    this.#byShape.clear();
  }
}

function drawTile(pen: Context, shape: PatternShape, color: string): void {
  pen.strokeStyle = color;
  pen.fillStyle = color;
  pen.lineWidth = 1.3;
  if (shape === 'dots') {
    for (const [x, y] of [
      [2, 2],
      [6, 6],
    ] as const)
      pen.fillRect(x - 0.8, y - 0.8, 1.6, 1.6);
    return;
  }
  // Three strokes, so that the corners meet when the tile repeats.
  const slanted = (mirror: boolean) => {
    pen.beginPath();
    for (const offset of [-TILE, 0, TILE]) {
      pen.moveTo(offset - 1, mirror ? -1 : TILE + 1);
      pen.lineTo(offset + TILE + 1, mirror ? TILE + 1 : -1);
    }
    pen.stroke();
  };
  if (shape !== 'counter-diagonal') slanted(false);
  if (shape !== 'diagonal') slanted(true);
}

/** Place of a mark in CSS pixels; `width` of less than two pixels is drawn as two, so that no gap vanishes. */
export interface MarkBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Draws the mark of a span into a context scaled by `ratio`. Clears what lies under it first, so that a gap drawn over a present bar
 * cuts it, except for `present` and for time in which a series was not alive, through which the grid goes on.
 */
export function drawVerdictMark(
  context: Context,
  verdict: Verdict,
  box: MarkBox,
  palette: MarkPalette,
  patterns: PatternCache,
  ratio: number,
): void {
  const mark = VERDICT_MARKS[verdict];
  const color = palette[mark.color];
  const { x, y, height } = box;
  const width = verdict === 'present' ? box.width : Math.max(2, box.width);
  if (width <= 0) return;
  if (mark.shape !== 'solid' && mark.shape !== 'baseline') {
    context.fillStyle = palette.bg;
    context.fillRect(x, y, width, height);
  }
  context.lineWidth = 1;
  switch (mark.shape) {
    case 'solid':
      context.fillStyle = color;
      context.fillRect(x, y, width, height);
      return;
    case 'diagonal':
    case 'counter-diagonal':
    case 'dots':
      context.fillStyle = patterns.get(context, mark.shape, color, ratio);
      context.fillRect(x, y, width, height);
      return;
    case 'baseline': {
      context.strokeStyle = color;
      const edge = verdict === 'delisted' ? x + 0.5 : x + width - 0.5;
      const inward = verdict === 'delisted' ? 3 : -3;
      context.beginPath();
      context.moveTo(x, y + height - 0.5);
      context.lineTo(x + width, y + height - 0.5);
      if (width >= 6) {
        context.moveTo(edge, y + 0.5);
        context.lineTo(edge + inward, y + 0.5);
        context.moveTo(edge, y);
        context.lineTo(edge, y + height);
      }
      context.stroke();
      return;
    }
    case 'open-outline':
      context.strokeStyle = color;
      context.beginPath();
      context.moveTo(x + width, y + 0.5);
      context.lineTo(x + 0.5, y + 0.5);
      context.lineTo(x + 0.5, y + height - 0.5);
      context.lineTo(x + width, y + height - 0.5);
      context.stroke();
      return;
    case 'dotted-outline':
      context.strokeStyle = color;
      context.setLineDash(DOTS);
      context.strokeRect(x + 0.5, y + 0.5, Math.max(1, width - 1), height - 1);
      context.setLineDash(NO_DASH);
      return;
    case 'cross':
      context.strokeStyle = color;
      context.strokeRect(x + 0.5, y + 0.5, Math.max(1, width - 1), height - 1);
      if (width >= 5) {
        const side = Math.min(width, height) / 2 - 1.5;
        const [cx, cy] = [x + width / 2, y + height / 2];
        context.beginPath();
        context.moveTo(cx - side, cy - side);
        context.lineTo(cx + side, cy + side);
        context.moveTo(cx + side, cy - side);
        context.lineTo(cx - side, cy + side);
        context.stroke();
      }
      return;
    case 'notch': {
      context.fillStyle = color;
      context.fillRect(x, y - 3, width, height + 3);
      if (width >= 9 && height >= 10) {
        context.fillStyle = palette.bg;
        context.fillRect(x + width / 2 - 0.75, y + 2, 1.5, height - 7);
        context.fillRect(x + width / 2 - 0.75, y + height - 3.5, 1.5, 1.5);
      }
      return;
    }
  }
}
