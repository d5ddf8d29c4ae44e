import { formatTime } from '@shared/market';
import type { SeriesGap } from '../../client';
import { formatBars, VERDICT_WORDS } from '../../components';

/** More lines than these nobody pastes; the CSV file has them all. */
export const LINES_AT_ONCE = 5_000;

/** Gaps as lines of text: `binance:spot:BTCUSDT:1m · 2021-02-17 00:00 to 2021-02-18 00:00 UTC · 1,440 bars · unexplained`. */
export function gapText(gaps: readonly SeriesGap[]): string {
  return gaps
    .slice(0, LINES_AT_ONCE)
    .map(
      ({ key, span }) =>
        `${key} · ${formatTime(span.from)} to ${formatTime(span.to)} UTC · ${formatBars(span.bars)} · ${VERDICT_WORDS[span.verdict].name}`,
    )
    .join('\n');
}
