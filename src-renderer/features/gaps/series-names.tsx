import { parseSeriesKey, seriesWord } from '@shared/market';

const NAMES_SHOWN = 6;

/** `BTCUSDT 1m, ETHUSDT 1m and 58 more`. */
export function SeriesNames({ keys }: { keys: readonly string[] }) {
  const names = keys.slice(0, NAMES_SHOWN).map((key) => {
    const series = parseSeriesKey(key);
    return series ? `${series.symbol} ${seriesWord(series)}` : key;
  });
  return (
    <p className="dim range-names">
      {names.join(', ')}
      {keys.length > NAMES_SHOWN && ` and ${keys.length - NAMES_SHOWN} more`}
    </p>
  );
}
