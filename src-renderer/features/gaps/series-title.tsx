import type { CandleSeries } from '@shared/market';

export function SeriesTitle({ series }: { series: CandleSeries | null }) {
  return (
    <h2 className="series-title">
      <span>{series?.symbol}</span>
      <span className="num">{series?.interval}</span>
      <span className="dim">{series?.market}</span>
    </h2>
  );
}
