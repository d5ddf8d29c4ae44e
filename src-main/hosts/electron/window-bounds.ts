export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface WindowBounds {
  /** Null lets the platform place the window. */
  position: { x: number; y: number } | null;
  width: number;
  height: number;
  maximized: boolean;
}

export const MIN_WIDTH = 1024;
export const MIN_HEIGHT = 640;
const DEFAULT_BOUNDS: WindowBounds = { position: null, width: 1440, height: 900, maximized: false };
/** This much of the title bar must be on a screen, or the window could not be fetched back. */
const VISIBLE_PIXELS = 120;

/** Bounds for a new window from what was remembered; a screen that is gone, or a file that holds nonsense, means the default. */
export function boundsFrom(remembered: unknown, workAreas: readonly Rectangle[]): WindowBounds {
  const saved = readBounds(remembered);
  if (!saved) return DEFAULT_BOUNDS;
  const { position } = saved;
  const visible = position !== null && workAreas.some((area) => showsTitleBar(area, position, saved.width));
  return { ...saved, position: visible ? position : null };
}

function readBounds(value: unknown): WindowBounds | null {
  if (typeof value !== 'object' || value === null) return null;
  const { x, y, width, height, maximized } = value as Record<string, unknown>;
  const numbers = [x, y, width, height];
  if (!numbers.every((number): number is number => Number.isInteger(number) && Math.abs(number as number) < 100_000))
    return null;
  const [left, top, wide, high] = numbers as [number, number, number, number];
  return {
    position: { x: left, y: top },
    width: Math.max(MIN_WIDTH, wide),
    height: Math.max(MIN_HEIGHT, high),
    maximized: maximized === true,
  };
}

function showsTitleBar(area: Rectangle, { x, y }: { x: number; y: number }, width: number): boolean {
  const shown = Math.min(area.x + area.width, x + width) - Math.max(area.x, x);
  return shown >= VISIBLE_PIXELS && y >= area.y && y <= area.y + area.height - VISIBLE_PIXELS;
}
