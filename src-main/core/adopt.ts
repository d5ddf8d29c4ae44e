import { type AdoptionReport, AppError, type ForeignCandles } from '@shared/contract';
import { type CandleSeries, candleSeries, INTERVALS } from '@shared/market';
import type { AdoptOptions } from '../adoption';
import type { SeriesList } from './series-list';
import type { Services } from './services';
import { refuseWhileRunning } from './undo';

/** Candles: a stream of a table in the database, or a CSV file. */
export type AdoptSource = { table: string; nodeId?: string | undefined } | { file: string };

interface Adopting {
  services: Pick<Services, 'adoption' | 'backfill' | 'exchange'>;
  list: Pick<SeriesList, 'all' | 'track'>;
}

/** What others have stored in the database. */
export function foreignCandles({ services, list }: Adopting): Promise<ForeignCandles[]> {
  return services.adoption.foreign(knownSeries(list));
}

/**
 * Adopts candles of another program as rows of the series, which is followed from then on. Throws `usage.jobs_running`,
 * `usage.unknown_symbol` where the exchange can be asked, and what `Adoption` throws.
 */
export async function adopt(
  { services, list }: Adopting,
  source: AdoptSource,
  series: CandleSeries,
  options: Omit<AdoptOptions, 'beforeWriting'>,
): Promise<AdoptionReport> {
  await refuseWhileRunning(services, 'adopt');
  await checkSymbol(services, series, options.signal);
  const following = { ...options, beforeWriting: () => list.track([series]) };
  if ('file' in source) return services.adoption.file(source.file, series, following);
  return services.adoption.table(source, series, following);
}

/** Every interval of the symbols that are followed. */
function knownSeries(list: Adopting['list']): CandleSeries[] {
  const symbols = new Map(list.all.map((series) => [`${series.market}:${series.symbol}`, series]));
  return [...symbols.values()].flatMap(({ symbol, market }) =>
    INTERVALS.map((interval) => candleSeries(symbol, interval, market)),
  );
}

/** Rows can be adopted without the exchange; where it answers, a name that it does not know is a typing error. */
async function checkSymbol({ exchange }: Adopting['services'], series: CandleSeries, signal: AbortSignal) {
  if (!exchange.status().reachable) return;
  try {
    await exchange.symbol(series.market, series.symbol, signal);
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith('exchange.')) throw error;
  }
}
