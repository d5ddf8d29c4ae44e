import { type MarkPalette, readMarkPalette } from '../../charts';

export interface StripsPalette extends MarkPalette {
  readonly accent: string;
  readonly live: string;
  readonly sel: string;
  readonly edge: string;
  readonly raise: string;
  readonly hover: string;
  readonly band: string;
}

/** Reads the colours as they apply to `element`; call again after a change of theme. */
export function readStripsPalette(element: Element): StripsPalette {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ...readMarkPalette(element),
    accent: token('accent'),
    live: token('live'),
    sel: token('sel'),
    edge: token('edge'),
    raise: token('raise'),
    hover: token('hover'),
    band: token('band'),
  };
}
