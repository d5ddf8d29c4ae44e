import { type Candle, type CandleColumns, candleAt, type Grid } from '@shared/market';
import { FIELD_WORDS } from './candle-fields';
import type { Observation, ObservationKind } from './observation';
import { differingFields } from './roll-up';
import { RunCollector } from './run-collector';

export interface BarPair {
  /** Stored candle of the bar, and what it should be. */
  stored: Candle;
  other: Candle;
}

export interface Comparison {
  /** Bars that both sides have whole. */
  compared: number;
  different: number;
  observations: Observation[];
}

/** Walks through stored candles and bars of another origin, both ascending, and pairs those of one bar. */
export async function* pairBars(
  stored: AsyncIterable<CandleColumns>,
  grid: Grid,
  others: AsyncIterator<{ open: number; candle: Candle }>,
): AsyncGenerator<BarPair, void, void> {
  let other = await others.next();
  for await (const batch of stored) {
    for (let i = 0; i < batch.rows; i++) {
      const bar = grid.indexOf(batch.openTime[i]!);
      while (!other.done && grid.indexOf(other.value.open) < bar) other = await others.next();
      if (other.done) return;
      if (grid.indexOf(other.value.open) === bar) yield { stored: candleAt(batch, i), other: other.value.candle };
    }
  }
}

/** Differences of pairs as observations; bars that follow each other and differ in the same fields make one. */
export async function compareBars(
  pairs: AsyncIterable<BarPair>,
  grid: Grid,
  kind: ObservationKind,
  /** What the stored candles are held against: `the 1m candles`. */
  against: string,
): Promise<Comparison> {
  const collector = new RunCollector(
    grid,
    kind,
    (count, word, where) =>
      `${count === 1 ? 'A candle' : `${count.toLocaleString('en')} candles`} ${where} ${count === 1 ? 'differs' : 'differ'} from ${against} in ${word}.`,
  );
  const result = { compared: 0, different: 0 };
  for await (const { stored, other } of pairs) {
    result.compared++;
    const fields = differingFields(stored, other);
    if (fields.length === 0) continue;
    result.different++;
    collector.add(stored.openTime, fields.map((field) => FIELD_WORDS[field]).join(', '), { stored, other, fields });
  }
  return { ...result, observations: collector.finish() };
}
