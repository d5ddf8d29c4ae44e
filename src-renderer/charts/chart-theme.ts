import { type MarkPalette, readMarkPalette } from './verdict-patterns';

/** The token values a chart needs, resolved for canvas. */
export interface ChartTheme extends MarkPalette {
  readonly up: string;
  readonly down: string;
  readonly upVolume: string;
  readonly downVolume: string;
  readonly accent: string;
  readonly raise: string;
  readonly font: string;
  readonly mono: string;
}

/** Reads the theme that applies to `element` from the design tokens. */
export function readChartTheme(element: Element): ChartTheme {
  const style = getComputedStyle(element);
  const read = (token: string, fallback: string) => style.getPropertyValue(`--${token}`).trim() || fallback;
  const up = read('up', '#3fb68b');
  const down = read('down', '#ef5f6b');
  return {
    ...readMarkPalette(element),
    up,
    down,
    upVolume: withAlpha(up, 0.4),
    downVolume: withAlpha(down, 0.4),
    accent: read('accent', '#4f8cff'),
    raise: read('raise', '#222'),
    font: read('font', 'sans-serif'),
    mono: read('mono', 'monospace'),
  };
}

/** A `#rgb` or `#rrggbb` colour with an alpha channel; other notations come back unchanged. */
export function withAlpha(color: string, alpha: number): string {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(color);
  const full = short ? `#${short[1]}${short[1]}${short[2]}${short[2]}${short[3]}${short[3]}` : color;
  if (!/^#[0-9a-f]{6}$/i.test(full)) return color;
  return (
    full +
    Math.round(alpha * 255)
      .toString(16)
      .padStart(2, '0')
  );
}
