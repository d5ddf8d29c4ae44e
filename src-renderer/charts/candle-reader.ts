import { AppError, candlesOfFrame } from '@shared/contract';
import { type CandleColumns, concatCandles } from '@shared/market';
import type { RpcClient } from '@shared/rpc';
import type { WindowPlan } from './candle-window';

/** Reads the candles of a planned window, ascending. Rejects with the call's `AppError`, `rpc.cancelled` after an abort. */
export async function readCandles(
  client: RpcClient,
  key: string,
  plan: WindowPlan,
  signal: AbortSignal,
): Promise<CandleColumns> {
  const parts: CandleColumns[] = [];
  for (const range of plan.pieces) {
    const body = { key, range, maxBars: plan.maxBars };
    for await (const frame of client.stream('candles.read', body, { signal })) {
      const candles = candlesOfFrame(frame);
      if (!candles)
        throw new AppError('rpc.malformed', `The core answered candles of ${key} with columns of another kind.`);
      parts.push(candles);
    }
  }
  return parts.length === 1 ? parts[0]! : concatCandles(parts);
}
