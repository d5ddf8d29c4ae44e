import type {
  IChartApi,
  IPanePrimitive,
  IPanePrimitivePaneView,
  PaneAttachedParameter,
  Time,
} from 'lightweight-charts';
import { type Axis, logicalOf } from './axis';
import type { ChartTheme } from './chart-theme';
import { type ChartGap, gapReason, gapTitle } from './gap';
import { PatternCache, type PatternShape, VERDICT_MARKS } from './verdict-patterns';

/** Below this width (px) a gap is a thin mark without a label. */
const LABEL_MIN_PX = 64;
/** The legend stands in the top rows of the pane; labels begin beneath it. */
const LABEL_TOP = 34;
const THIN_PX = 3;

/** A gap with its place on the pane in CSS pixels. */
interface PlacedGap {
  readonly gap: ChartGap;
  readonly left: number;
  readonly right: number;
  /** The gap takes less room than it is long. */
  readonly squeezed: boolean;
}

/** Draws gaps as hatched areas of their true or, when squeezed, marked width, each with its length and verdict. */
export class GapPrimitive implements IPanePrimitive<Time> {
  #chart: IChartApi | null = null;
  #requestUpdate: () => void = () => {};
  #axis: Axis | null = null;
  #gaps: readonly ChartGap[] = [];
  #squeezed: readonly boolean[] = [];
  #theme: ChartTheme;
  readonly #patterns = new PatternCache();
  readonly #views: readonly IPanePrimitivePaneView[];

  constructor(theme: ChartTheme) {
    this.#theme = theme;
    this.#views = [
      {
        zOrder: () => 'bottom',
        renderer: () => ({
          draw: (target) =>
            target.useMediaCoordinateSpace(({ context, mediaSize }) => {
              for (const placed of this.#placed(mediaSize.width)) this.#drawArea(context, placed, mediaSize.height);
            }),
        }),
      },
      {
        zOrder: () => 'top',
        renderer: () => ({
          draw: (target) =>
            target.useMediaCoordinateSpace(({ context, mediaSize }) => {
              for (const placed of this.#placed(mediaSize.width)) this.#drawLabel(context, placed, mediaSize.width);
            }),
        }),
      },
    ];
  }

  attached(param: PaneAttachedParameter<Time>): void {
    this.#chart = param.chart as IChartApi;
    this.#requestUpdate = param.requestUpdate;
  }

  detached(): void {
    this.#chart = null;
    this.#requestUpdate = () => {};
  }

  paneViews(): readonly IPanePrimitivePaneView[] {
    return this.#views;
  }

  setGaps(axis: Axis, gaps: readonly ChartGap[]): void {
    this.#axis = axis;
    this.#gaps = gaps;
    const squeezedHoles = axis.holes.filter((hole) => hole.shown < hole.bars);
    this.#squeezed = gaps.map((gap) => squeezedHoles.some((hole) => hole.from < gap.to && hole.to > gap.from));
    this.#requestUpdate();
  }

  setTheme(theme: ChartTheme): void {
    this.#theme = theme;
    this.#patterns.clear();
    this.#requestUpdate();
  }

  #placed(width: number): PlacedGap[] {
    const scale = this.#chart?.timeScale();
    const axis = this.#axis;
    if (!scale || !axis || axis.times.length === 0) return [];
    const visible = scale.getVisibleLogicalRange();
    if (!visible) return [];
    // The pane shows the bars `from` to `to` whole, so its left edge is where bar `from` begins.
    const perBar = width / Math.max(1e-9, visible.to - visible.from + 1);
    const x = (t: number) => (logicalOf(axis, t) - visible.from) * perBar;
    const placed: PlacedGap[] = [];
    this.#gaps.forEach((gap, index) => {
      const left = x(gap.from);
      const right = Math.max(x(gap.to), left + THIN_PX);
      if (right >= 0 && left <= width) placed.push({ gap, left, right, squeezed: this.#squeezed[index] ?? false });
    });
    // Where thin marks meet, the alarm is on top.
    return placed.sort((a, b) => Number(isAlarm(a.gap)) - Number(isAlarm(b.gap)));
  }

  #drawArea(context: CanvasRenderingContext2D, { gap, left, right, squeezed }: PlacedGap, height: number): void {
    const color = this.#colorOf(gap);
    const pattern = patternOf(gap);
    const width = right - left;
    context.save();
    context.globalAlpha = 0.06;
    context.fillStyle = color;
    context.fillRect(left, 0, width, height);
    if (pattern) {
      context.globalAlpha = width > THIN_PX ? 0.34 : isAlarm(gap) ? 0.9 : 0.4;
      const ratio = globalThis.devicePixelRatio || 1;
      context.fillStyle = width <= THIN_PX ? color : this.#patterns.get(context, pattern, color, ratio);
      context.fillRect(left, 0, width, height);
    }
    context.globalAlpha = width > THIN_PX || isAlarm(gap) ? 0.7 : 0.2;
    context.strokeStyle = color;
    context.lineWidth = 1;
    context.setLineDash(pattern ? [] : [2, 3]);
    context.beginPath();
    for (const edge of [left, right]) {
      context.moveTo(Math.round(edge) + 0.5, 0);
      context.lineTo(Math.round(edge) + 0.5, height);
    }
    context.stroke();
    if (squeezed && width > 24) drawBreak(context, (left + right) / 2, height, color, this.#theme.panel);
    context.restore();
  }

  #drawLabel(context: CanvasRenderingContext2D, { gap, left, right }: PlacedGap, paneWidth: number): void {
    const [from, to] = [Math.max(left, 0), Math.min(right, paneWidth)];
    if (to - from < LABEL_MIN_PX) return;
    const { font, panel, dim, text } = this.#theme;
    const mark = gap.verdict === null ? null : VERDICT_MARKS[gap.verdict];
    context.save();
    context.textBaseline = 'alphabetic';
    const titleFont = `600 12px ${font}`;
    const reasonFont = `11px ${font}`;
    const lines = [
      { words: gapTitle(gap), font: titleFont, color: mark?.color === 'alarm' ? this.#theme.alarm : text },
      { words: gapReason(gap), font: reasonFont, color: dim },
    ];
    const room = to - from - 16;
    context.font = titleFont;
    if (context.measureText(lines[0]!.words).width > room)
      lines[0]!.words = lines[0]!.words.replace(/ bars? missing$/, '');
    let y = LABEL_TOP + 12;
    for (const line of lines) {
      context.font = line.font;
      const width = context.measureText(line.words).width;
      if (width > room) continue;
      // A quiet plate keeps the words readable on the hatch.
      context.globalAlpha = 0.86;
      context.fillStyle = panel;
      context.fillRect(from + 6, y - 12, width + 8, 16);
      context.globalAlpha = 1;
      context.fillStyle = line.color;
      context.fillText(line.words, from + 10, y);
      y += 16;
    }
    context.restore();
  }

  #colorOf(gap: ChartGap): string {
    return gap.verdict === null ? this.#theme.dim : this.#theme[VERDICT_MARKS[gap.verdict].color];
  }
}

function isAlarm(gap: ChartGap): boolean {
  return gap.verdict !== null && VERDICT_MARKS[gap.verdict].color === 'alarm';
}

/** Hatch of a gap's area; null for the verdicts that are an outline only. */
function patternOf(gap: ChartGap): PatternShape | null {
  switch (gap.verdict) {
    case 'unexplained':
    case 'exchange_outage':
      return 'diagonal';
    case 'symbol_halt':
      return 'counter-diagonal';
    case 'confirmed_absent':
      return 'dots';
    case 'fetch_failed':
      return 'cross-hatch';
    default:
      return null;
  }
}

/** Two slanted strokes at the foot, the sign of an axis that leaves something out. */
function drawBreak(context: CanvasRenderingContext2D, x: number, height: number, color: string, panel: string): void {
  const y = height - 10;
  context.setLineDash([]);
  context.globalAlpha = 1;
  context.fillStyle = panel;
  context.beginPath();
  context.moveTo(x - 6, y + 6);
  context.lineTo(x, y - 6);
  context.lineTo(x + 6, y - 6);
  context.lineTo(x, y + 6);
  context.fill();
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x - 6, y + 6);
  context.lineTo(x, y - 6);
  context.moveTo(x, y + 6);
  context.lineTo(x + 6, y - 6);
  context.stroke();
}
