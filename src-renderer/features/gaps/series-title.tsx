import { type StoredSeries, seriesWord } from '@shared/market';

export function SeriesTitle({ series }: { series: StoredSeries | null }) {
  return (
    <h2 className="series-title">
      <span>{series?.symbol}</span>
      <span className="num">{series && seriesWord(series)}</span>
      <span className="dim">{series?.market}</span>
    </h2>
  );
}
