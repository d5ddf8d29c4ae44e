import { AppError, type SourceChoice } from '@shared/contract';
import type { StoredSeries } from '@shared/market';
import type { CoverageService } from '../coverage';
import type { ExchangeAccess } from './exchange-access';

/** Whether only the archive still has the symbol, by what is known already. */
export async function isArchiveOnly(
  series: StoredSeries,
  deps: { coverage: Pick<CoverageService, 'ledger'>; exchange: Pick<ExchangeAccess, 'isGone'> },
): Promise<boolean> {
  if (deps.exchange.isGone(series.market, series.symbol)) return true;
  return (await deps.coverage.ledger(series)).archiveOnly;
}

/** The sources that can be asked: REST knows nothing of a symbol that is gone. Throws `usage.gone_symbol` when only REST is wanted. */
export function sourceFor(series: StoredSeries, wanted: SourceChoice, isArchiveOnly: boolean): SourceChoice {
  if (!isArchiveOnly) return wanted;
  if (wanted !== 'rest') return 'archive';
  throw new AppError(
    'usage.gone_symbol',
    `The exchange no longer knows ${series.symbol} in its ${series.market} market, so REST has nothing of it; choose the archive as source, or none.`,
    { symbol: series.symbol, market: series.market },
  );
}
