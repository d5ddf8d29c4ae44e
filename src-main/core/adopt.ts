import { homedir } from 'node:os';
import { join } from 'node:path';
import { type AdoptionReport, type AdoptSource, AppError, type CandleFile, type ForeignTables } from '@shared/contract';
import { type CandleSeries, candleSeries, INTERVALS, seriesKey } from '@shared/market';
import { type AdoptOptions, beforeReading } from '../adoption';
import type { SeriesList } from './series-list';
import type { Services } from './services';
import { refuseWhileRunning } from './undo';

export interface Adopting {
  services: Pick<Services, 'adoption' | 'backfill' | 'exchange' | 'turns'>;
  list: Pick<SeriesList, 'all' | 'track'>;
}

/** What others have stored in the database. */
export function foreignCandles({ services, list }: Adopting): Promise<ForeignTables> {
  return services.adoption.foreign(knownSeries(list));
}

/** Tables that a person may want to adopt; quick, and without rows of others in the tables of series that are followed. */
export async function suggestedTables({ services, list }: Adopting): Promise<{ tables: string[] }> {
  return { tables: await services.adoption.suggested(knownSeries(list)) };
}

/** One table or view of others. Throws `usage.no_candles`. */
export async function lookAtTable({ services, list }: Adopting, table: string) {
  return { tables: await services.adoption.look(table, knownSeries(list)) };
}

/** A CSV file; `~` stands for the person's own folder. Throws `usage.no_file` and `usage.bad_file`. */
export function lookAtFile({ services }: Adopting, path: string, signal: AbortSignal): Promise<CandleFile> {
  return services.adoption.lookAtFile(wholePath(path), signal);
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
  const key = seriesKey(series);
  if (!options.isTrial) await refuseWhileRunning(services, 'adopt', key);
  await checkSymbol(services, series, beforeReading(options));
  const beforeWriting = async () => {
    // A backfill may have begun meanwhile; what the exchange says goes before rows of others.
    await refuseWhileRunning(services, 'adopt', key);
    await list.track([series]);
  };
  const following = { ...options, beforeWriting };
  if ('file' in source) return services.adoption.file(wholePath(source.file), series, following);
  return services.adoption.table(source, series, following);
}

function wholePath(path: string): string {
  return /^~[\\/]/.test(path) ? join(homedir(), path.slice(2)) : path;
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
