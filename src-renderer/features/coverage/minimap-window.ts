import type { Range } from '@shared/market';

/** Narrower the window could be neither seen nor caught, in CSS pixels. */
export const LEAST_WINDOW = 8;

export interface WindowBox {
  readonly left: number;
  readonly width: number;
}

/**
 * Where the window of the minimap stands, in CSS pixels of a map `width` wide: on whole pixels of the screen, `ratio` of them to a CSS
 * pixel, so that its edges are sharp and a pan that moves it by less changes nothing.
 */
export function windowBox(shown: Range, whole: Range, width: number, ratio: number): WindowBox {
  const scale = width / (whole.to - whole.from);
  const left = Math.max(0, (shown.from - whole.from) * scale);
  const right = Math.min(width, (shown.to - whole.from) * scale);
  const wide = Math.max(LEAST_WINDOW, right - left);
  // A widened window keeps its middle, and stays on the map.
  const middle = (left + right) / 2;
  const from = right - left < wide ? middle - wide / 2 : left;
  const [pixels, most] = [Math.round(from * ratio), Math.floor(width * ratio)];
  const many = Math.min(most, Math.max(Math.ceil(LEAST_WINDOW * ratio), Math.round(wide * ratio)));
  return { left: Math.min(Math.max(0, pixels), most - many) / ratio, width: many / ratio };
}

export type WindowPart = 'from' | 'to' | 'all';

/** The range after a part of the window was moved by `dt`: inside of the whole, never turned round, never empty. */
export function movedWindow(shown: Range, part: WindowPart, dt: number, whole: Range): Range {
  const length = shown.to - shown.from;
  if (part === 'all') {
    const from = Math.min(Math.max(shown.from + dt, whole.from), Math.max(whole.from, whole.to - length));
    return { from, to: from + length };
  }
  const least = Math.min(length, (whole.to - whole.from) / 10_000);
  if (part === 'from') return { from: Math.min(Math.max(shown.from + dt, whole.from), shown.to - least), to: shown.to };
  return { from: shown.from, to: Math.max(Math.min(shown.to + dt, whole.to), shown.from + least) };
}

/** Share of the window's length that an arrow key moves it by. */
const STEP = 0.1;

/** The range after a key, null for a key that means nothing to the window. */
export function keyedWindow(shown: Range, key: string, shift: boolean, whole: Range): Range | null {
  const length = shown.to - shown.from;
  const part = shift ? 'to' : 'all';
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return movedWindow(shown, part, -STEP * length, whole);
    case 'ArrowRight':
    case 'ArrowUp':
      return movedWindow(shown, part, STEP * length, whole);
    case 'PageUp':
      return movedWindow(shown, 'all', -length, whole);
    case 'PageDown':
      return movedWindow(shown, 'all', length, whole);
    case 'Home':
      return movedWindow(shown, 'all', whole.from - shown.from, whole);
    case 'End':
      return movedWindow(shown, 'all', whole.to - shown.to, whole);
    default:
      return null;
  }
}
