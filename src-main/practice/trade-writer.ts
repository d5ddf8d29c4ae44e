import { SPOT_DECIMALS, writeDecimal, writeInteger } from './digits';
import type { PracticeSymbol } from './symbols';
import type { TradeRun } from './trade-tape';

/** Longest row: eight fields with their names. */
export const TRADE_BYTES = 230;

const COMMA = 44;
const KEYS = ['{"a":', ',"p":"', '","q":"', '","f":', ',"l":', ',"T":'].map((each) => Buffer.from(each));
const JSON_MAKER = [Buffer.from(',"m":false'), Buffer.from(',"m":true')];
const JSON_END = { spot: Buffer.from(',"M":true},'), futures: Buffer.from('},') };
const CSV_END = {
  spot: [Buffer.from(',False,True\n'), Buffer.from(',True,True\n')],
  futures: [Buffer.from(',false\n'), Buffer.from(',true\n')],
};

export interface TradeStyle {
  /** JSON objects, each with a comma behind it, or CSV lines. */
  json: boolean;
  micro: boolean;
}

/** Writes a run of trades; answers the end. */
export function writeTrades(
  target: Buffer,
  start: number,
  { trades, from, to, aggregateId, singleId }: TradeRun,
  symbol: PracticeSymbol,
  { json, micro }: TradeStyle,
): number {
  const market = symbol.market === 'spot' ? 'spot' : 'futures';
  const { priceDecimals, volumeDecimals } = symbol;
  const priceWidth = market === 'spot' ? SPOT_DECIMALS : priceDecimals;
  const volumeWidth = market === 'spot' ? SPOT_DECIMALS : volumeDecimals;
  let at = start;
  let single = singleId;
  const key = (index: number) => {
    if (json) at += KEYS[index]!.copy(target, at);
    else if (index > 0) target[at++] = COMMA;
  };
  for (let i = from; i < to; i++) {
    key(0);
    at = writeInteger(target, at, aggregateId + i - from);
    key(1);
    at = writeDecimal(target, at, trades.price[i]!, priceDecimals, priceWidth);
    key(2);
    at = writeDecimal(target, at, trades.quantity[i]!, volumeDecimals, volumeWidth);
    key(3);
    at = writeInteger(target, at, single);
    single += trades.singles[i]!;
    key(4);
    at = writeInteger(target, at, single - 1);
    key(5);
    at = writeInteger(target, at, micro ? trades.time[i]! : Math.floor(trades.time[i]! / 1_000));
    const maker = trades.buyerMaker[i]!;
    if (json) {
      at += JSON_MAKER[maker]!.copy(target, at);
      at += JSON_END[market].copy(target, at);
    } else at += CSV_END[market][maker]!.copy(target, at);
  }
  return at;
}
