import type { CandleBlock } from './candle-block';
import { SPOT_DECIMALS, writeDecimal, writeInteger } from './digits';
import type { PracticeSymbol } from './symbols';

const JSON_TAIL = Buffer.from('"0"],');
const CSV_TAIL = Buffer.from('0\n');
const ZERO = 48;
const COMMA = 44;
const QUOTE = 34;
/** Longest row: 12 fields of up to 25 bytes with quotes and commas. */
export const ROW_BYTES = 320;

export interface RowStyle {
  /** JSON arrays with quoted decimals, or CSV lines. */
  json: boolean;
  micro: boolean;
}

/** Writes rows `[from, to)`, spot with eight decimals, futures with the symbol's own; answers the end. JSON rows end with a comma, CSV lines with a newline. */
export function writeRows(
  target: Buffer,
  start: number,
  block: CandleBlock,
  from: number,
  to: number,
  symbol: PracticeSymbol,
  { json, micro }: RowStyle,
): number {
  let at = start;
  const spot = symbol.market === 'spot';
  let trim = false;
  const decimal = (value: number, decimals: number) => {
    if (json) target[at++] = QUOTE;
    at = writeDecimal(target, at, value, decimals, spot ? SPOT_DECIMALS : decimals, trim);
    if (json) target[at++] = QUOTE;
    target[at++] = COMMA;
  };
  const text = (value: string) => {
    if (json) target[at++] = QUOTE;
    at += target.write(value, at, 'latin1');
    if (json) target[at++] = QUOTE;
    target[at++] = COMMA;
  };
  const time = (value: number, filler: number) => {
    at = writeInteger(target, at, value);
    if (micro) for (let i = 0; i < 3; i++) target[at++] = filler;
    target[at++] = COMMA;
  };
  const { priceDecimals, volumeDecimals, quoteDecimals } = symbol;
  for (let i = from; i < to; i++) {
    if (json) target[at++] = 91;
    trim = !spot && block.openTime[i]! < symbol.future!.trimmedUntil;
    time(block.openTime[i]!, ZERO);
    const real = block.text?.[i];
    if (real) {
      for (let field = 0; field < 5; field++) text(real[field]!);
      time(block.closeTime[i]!, 57);
      text(real[5]!);
      at += target.write(`${real[6]},`, at, 'latin1');
      text(real[7]!);
      text(real[8]!);
    } else {
      decimal(block.open[i]!, priceDecimals);
      decimal(block.high[i]!, priceDecimals);
      decimal(block.low[i]!, priceDecimals);
      decimal(block.close[i]!, priceDecimals);
      decimal(block.volume[i]!, volumeDecimals);
      time(block.closeTime[i]!, 57);
      decimal(block.quote[i]!, quoteDecimals);
      at = writeInteger(target, at, block.trades[i]!);
      target[at++] = COMMA;
      decimal(block.takerBase[i]!, volumeDecimals);
      decimal(block.takerQuote[i]!, quoteDecimals);
    }
    if (json) at += JSON_TAIL.copy(target, at);
    else at += CSV_TAIL.copy(target, at);
  }
  return at;
}
