import { VERDICTS, type Verdict } from '@shared/market';
import { drawVerdictMark, type MarkBox, type MarkPalette, MONO, PatternCache } from '../../charts';
import { PRESENT } from '../../client';
import { NOTHING, type StripRuns } from './strip-runs';

/** How far an alarm rises above its strip. */
export const NOTCH = 4;
/** How dark a cut is in a column of which almost nothing is missing. */
const FAINTEST_CUT = 0.45;

const ZERO_FONT = `600 10px ${MONO}`;

type Pen = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Where the first column of the runs is drawn, in CSS pixels of a context that is scaled by `ratio`. */
export interface RunsPlace {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly ratio: number;
}

/** Draws the runs of a strip, alarms last: one drawing for the strips and for the cells of the matrix. */
export class RunsPainter {
  readonly #patterns = new PatternCache();
  /** The run that is being drawn. */
  readonly #box = { x: 0, y: 0, width: 0, height: 0 };
  #palette: MarkPalette;

  constructor(palette: MarkPalette) {
    this.#palette = palette;
  }

  setPalette(palette: MarkPalette): void {
    this.#palette = palette;
    this.#patterns.clear();
  }

  paint(pen: Pen, runs: StripRuns, place: RunsPlace): void {
    this.#paintRuns(pen, runs, place, false);
    this.#paintRuns(pen, runs, place, true);
  }

  mark(pen: Pen, verdict: Verdict, box: MarkBox, ratio: number): void {
    drawVerdictMark(pen, verdict, box, this.#palette, this.#patterns, ratio);
  }

  #paintRuns(pen: Pen, runs: StripRuns, place: RunsPlace, alarms: boolean): void {
    const { ratio } = place;
    const box = this.#box;
    box.y = place.y;
    box.height = place.height;
    for (let i = 0; i < runs.count; i++) {
      const code = runs.verdict[i]!;
      if (code === NOTHING) continue;
      const verdict = VERDICTS[code]!;
      const alarm = verdict === 'unexplained' || verdict === 'fetch_failed';
      if (alarm !== alarms) continue;
      box.x = runs.start[i]! / ratio + place.x;
      box.width = (runs.start[i + 1]! - runs.start[i]!) / ratio;
      if (alarm) this.#paintAlarm(pen, verdict, box, ratio, runs.thin[i] === 1);
      else if (runs.thin[i] === 1) this.#paintThin(pen, code, box, runs.share[i]! / 255);
      else this.mark(pen, verdict, box, ratio);
      if (verdict === 'confirmed_absent' && box.width >= 26) this.#paintZero(pen, box);
    }
  }

  /**
   * Columns of spans narrower than a pixel: a cut over the whole height, the stronger the more is missing. What was never asked
   * for cuts dotted.
   */
  #paintThin(pen: Pen, code: number, { x, y, width, height }: MarkBox, share: number): void {
    pen.fillStyle = this.#palette.present;
    pen.fillRect(x, y, width, height);
    if (code === PRESENT && share === 1) return;
    pen.globalAlpha = FAINTEST_CUT + (1 - FAINTEST_CUT) * (1 - share);
    pen.fillStyle = this.#palette.bg;
    pen.fillRect(x, y, width, height);
    pen.globalAlpha = 1;
    if (VERDICTS[code] !== 'not_asked') return;
    pen.fillStyle = this.#palette.dim;
    for (let dot = 0; dot < height; dot += 4) pen.fillRect(x, y + dot, width, 2);
  }

  #paintAlarm(pen: Pen, verdict: Verdict, box: MarkBox, ratio: number, thin: boolean): void {
    if (!thin && box.width >= 4) {
      this.mark(pen, verdict, box, ratio);
      return;
    }
    const { x, y, height } = box;
    const wide = Math.max(2, box.width);
    pen.fillStyle = this.#palette.bg;
    pen.fillRect(x - 1, y, wide + 2, height);
    pen.fillStyle = this.#palette.alarm;
    if (verdict === 'unexplained') {
      pen.fillRect(x, y - NOTCH, wide, height + NOTCH);
      return;
    }
    // A failed fetch is a broken line: told from an unexplained gap by the notch it lacks and the break it has.
    pen.fillRect(x, y, wide, height / 3);
    pen.fillRect(x, y + height - height / 3, wide, height / 3);
  }

  #paintZero(pen: Pen, { x, y, width, height }: MarkBox): void {
    const middle = x + width / 2;
    pen.font = ZERO_FONT;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.fillStyle = this.#palette.bg;
    pen.fillRect(middle - 6, y + 1, 12, height - 2);
    pen.fillStyle = this.#palette.dim;
    pen.fillText('0', middle, y + height / 2 + 0.5);
  }
}
