import { AppError } from '@shared/contract';
import {
  type CandleColumns,
  type CandleSeries,
  concatCandles,
  type Grid,
  intervalSeconds,
  type Range,
  subtractRanges,
  tableName,
} from '@shared/market';
import { streamNodeId } from '../dag';
import { encodeCandleLines, type QuestDbStore } from '../questdb';

/** All stored candles of the ranges, in memory together. */
export async function storedCandles(
  store: Pick<QuestDbStore, 'readCandles'>,
  series: CandleSeries,
  ranges: readonly Range[],
): Promise<CandleColumns> {
  const parts: CandleColumns[] = [];
  for (const range of ranges) for await (const part of store.readCandles(series, range)) parts.push(part);
  return concatCandles(parts);
}

/** Writes candles over what is stored and reads back that their bars are there. `what` names them in `questdb.rows_missing`. */
export async function writeCandles(
  store: QuestDbStore,
  series: CandleSeries,
  grid: Grid,
  { candles, filled, what }: { candles: CandleColumns; filled: readonly Range[]; what: string },
): Promise<void> {
  const target = {
    table: tableName(series),
    nodeId: streamNodeId(series),
    intervalSeconds: intervalSeconds(series.interval),
  };
  if (candles.rows > 0) await store.writeLines(encodeCandleLines(candles, 0, candles.rows, target));
  await store.settle(series);
  const { present } = await store.content(series, grid);
  if (subtractRanges(filled, present).length > 0)
    throw new AppError('questdb.rows_missing', `Rows of ${what} were acknowledged but cannot be read back; try again.`);
}
