import type { CandleColumns } from '@shared/market';

/** Decimals that prices and volumes of the exchange have at most. */
const MAX_DECIMALS = 8;

/** Decimals needed to show the closes of `candles` exactly, at most eight and at least two; looks at up to 400 of them. */
export function priceDecimals(candles: CandleColumns): number {
  let decimals = 2;
  const stride = Math.max(1, Math.floor(candles.rows / 400));
  for (let row = 0; row < candles.rows && decimals < MAX_DECIMALS; row += stride)
    decimals = Math.max(decimals, decimalsOf(candles.close[row]!));
  return decimals;
}

function decimalsOf(value: number): number {
  if (!Number.isFinite(value)) return 0;
  const text = value.toFixed(MAX_DECIMALS).replace(/0+$/, '');
  return text.length - text.indexOf('.') - 1;
}

const formats = new Map<number, Intl.NumberFormat>();

export function formatPrice(value: number, decimals: number): string {
  let format = formats.get(decimals);
  if (!format) {
    format = new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    formats.set(decimals, format);
  }
  return format.format(value);
}

const VOLUME = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 });

export function formatVolume(value: number): string {
  return VOLUME.format(value);
}

const COUNT = new Intl.NumberFormat('en-US');

export function formatCount(value: number): string {
  return COUNT.format(value);
}
