import { describe, expect, it } from 'vitest';

// Read as a file, since vitest empties imported styles; typed here, since the renderer knows no Node.
const { readFile } = (await import('node:fs/promises' as string)) as {
  readFile(path: URL, encoding: 'utf8'): Promise<string>;
};
const css = await readFile(new URL('./tokens.css', import.meta.url), 'utf8');

function tokensOf(theme: 'dark' | 'light'): Map<string, string> {
  const start = css.indexOf(`[data-theme="${theme}"]`);
  const body = css.slice(start, css.indexOf('}', start));
  return new Map(
    [...body.matchAll(/--([a-z-]+): (#[0-9a-f]{6}(?:[0-9a-f]{2})?);/g)].map((match) => [match[1]!, match[2]!]),
  );
}

/** Relative luminance as WCAG 2.2 defines it. */
function luminance(hex: string): number {
  const value = Number.parseInt(hex.slice(1), 16);
  const [r, g, b] = [value >> 16, (value >> 8) & 255, value & 255].map((channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

/** Colour that shows where a translucent one lies on an opaque one. */
function laidOver(top: string, below: string): string {
  const alpha = Number.parseInt(top.slice(7, 9), 16) / 255;
  const channel = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  const mixed = [1, 3, 5].map((at) => Math.round(channel(top, at) * alpha + channel(below, at) * (1 - alpha)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

const SURFACES = ['bg', 'panel', 'raise', 'hover'];
const TEXTS = ['text', 'dim', 'faint', 'accent', 'alarm', 'warn', 'ok', 'up', 'down'];
const MARKS = ['present', 'flat', 'live', 'explained', 'alarm', 'accent', 'dim'];

describe.each(['dark', 'light'] as const)('%s theme', (theme) => {
  const tokens = tokensOf(theme);
  const pairs = TEXTS.flatMap((text) => SURFACES.map((surface) => [text, surface] as const));

  it.each(pairs)('%s on %s is too faint to read (under 4.5:1)', (text, surface) => {
    expect(contrast(tokens.get(text)!, tokens.get(surface)!)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(TEXTS)('%s in a selected row is too faint to read (under 4.5:1)', (text) => {
    for (const surface of ['bg', 'panel']) {
      const row = laidOver(tokens.get('sel')!, tokens.get(surface)!);
      expect(contrast(tokens.get(text)!, row)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it.each(MARKS)('the mark colour %s drowns in the canvas (under 3:1)', (mark) => {
    expect(contrast(tokens.get(mark)!, tokens.get('bg')!)).toBeGreaterThanOrEqual(3);
  });

  it('the words on a filled button are too faint', () => {
    for (const fill of ['fill', 'fill-hover'])
      expect(contrast(tokens.get('on-fill')!, tokens.get(fill)!)).toBeGreaterThanOrEqual(4.5);
  });
});

it('one theme lacks a colour that the other has', () => {
  expect([...tokensOf('light').keys()]).toEqual([...tokensOf('dark').keys()]);
});
