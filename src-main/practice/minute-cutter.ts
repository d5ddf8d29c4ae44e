import { DAY_MS, MINUTE_MS, SECOND_MS } from '@shared/market';
import { appendFlat, appendRow, type CandleBlock, createBlock, EMPTY_BLOCK, sliceBlock } from './candle-block';
import { OFF_GRID_RUNS, type OffGridRun, OUTAGES, type Outage, TRUNCATED_CLOSES } from './outages';
import { hashText } from './random';
import { isAlive, type PracticeSymbol } from './symbols';

/** Daily archives hold what REST answers; monthly ones differ on a few days. */
export type Tier = 'rest' | 'monthly';

const SPECIAL_DAYS = new Set([
  ...[...TRUNCATED_CLOSES.keys()].map((open) => Math.floor(open / DAY_MS)),
  ...OUTAGES.filter((outage) => outage.monthlyMinutes).map((outage) => Math.floor(outage.minutes.from / DAY_MS)),
  ...OFF_GRID_RUNS.flatMap(({ minutes }) => {
    const first = Math.floor(minutes.from / DAY_MS);
    const last = Math.floor((minutes.to - 1) / DAY_MS);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  }),
]);

/** Whether the two tiers differ on `day` (days since 1970). */
export function tiersDiffer(day: number): boolean {
  return SPECIAL_DAYS.has(day);
}

/** The missing minutes of an outage for a symbol and tier. */
export function missingMinutes(outage: Outage, symbol: string, tier: Tier): { from: number; to: number } {
  const range = tier === 'monthly' ? (outage.monthlyMinutes ?? outage.minutes) : outage.minutes;
  return { from: outage.laterStart?.[symbol] ?? range.from, to: range.to };
}

/** Takes out of a generated day what does not exist: the outages of spot, and the time before, between and after a symbol's lives. */
export function cutMinutes(full: CandleBlock, symbol: PracticeSymbol, tier: Tier, offGrid: boolean): CandleBlock {
  const start = full.openTime[0]!;
  const end = start + DAY_MS;
  if (!symbol.lives.some((life) => life.from < end && life.to > start)) return EMPTY_BLOCK;
  const spot = symbol.market === 'spot';
  const holes = (spot ? OUTAGES : [])
    .map((outage) => missingMinutes(outage, symbol.symbol, tier))
    .filter((hole) => hole.from < end && hole.to > start);
  const whole = symbol.lives.some((life) => life.from <= start && life.to >= end);
  const special = spot && tiersDiffer(Math.floor(start / DAY_MS)) && (tier === 'monthly' || offGrid);
  if (holes.length === 0 && whole && !special) return full;

  const cut = createBlock(full.rows + 1);
  for (let i = 0; i < full.rows; i++) {
    const open = full.openTime[i]!;
    if (!isAlive(symbol, open) || holes.some((hole) => open >= hole.from && open < hole.to)) continue;
    const run =
      offGrid && spot ? OFF_GRID_RUNS.find(({ minutes }) => open >= minutes.from && open < minutes.to) : undefined;
    if (run) moveOffGrid(cut, full, i, run, symbol.symbol);
    else appendRow(cut, full, i);
    const early = tier === 'monthly' && spot ? TRUNCATED_CLOSES.get(open) : undefined;
    if (early !== undefined) cut.closeTime[cut.rows - 1] = early;
  }
  return sliceBlock(cut, 0, cut.rows);
}

function moveOffGrid(cut: CandleBlock, full: CandleBlock, i: number, run: OffGridRun, symbol: string): void {
  const open = full.openTime[i]!;
  const offset = run.offsetMs[symbol] ?? run.baseOffsetMs + (hashText(symbol) % 30);
  if (run.doubleFirst && open === run.minutes.from) {
    appendRow(cut, full, i);
    cut.closeTime[cut.rows - 1] = open + offset - 1;
    appendFlat(cut, open + offset, open + offset + MINUTE_MS - 1, full.close[i]!);
    return;
  }
  appendRow(cut, full, i);
  cut.openTime[cut.rows - 1] = open + offset;
  cut.closeTime[cut.rows - 1] = open + offset + MINUTE_MS - 1;
}

/** Whether the second that opens at `open` lies between the last and the first 1s candle around an outage. */
export function isSecondMissing(open: number): boolean {
  for (const { seconds } of OUTAGES) if (seconds && open > seconds.from && open < seconds.to) return true;
  return false;
}

/** Whether any outage with known seconds touches `[from, to)`. */
export function hasMissingSeconds(from: number, to: number): boolean {
  return OUTAGES.some(({ seconds }) => seconds !== undefined && seconds.from + SECOND_MS < to && seconds.to > from);
}
