import type { TradeSeries } from '@shared/market';
import type { ArchiveFileRequest } from '../binance';
import { tradeFileMemory } from './lanes';
import { type ArchiveFile, distrust, downloadOf, notPublished, type PageContext, subjectOf } from './page-context';
import type { dayOf } from './publication';

/** What is needed to get a file of trades. */
export type TradeFileContext = Pick<
  PageContext<TradeSeries>,
  'counters' | 'exchange' | 'lanes' | 'onFinding' | 'onTiming' | 'rank' | 'series' | 'signal'
>;

/**
 * Does the work with the daily file of trades, whose memory is set aside meanwhile. `none`: the file is not there, or not to be
 * trusted, which is a finding. Throws what an archive that is away throws.
 */
export async function withTradeFile<T>(
  period: ReturnType<typeof dayOf>,
  context: TradeFileContext,
  work: (file: ArchiveFile) => Promise<T>,
): Promise<{ kind: 'done'; value: T } | { kind: 'none'; reason: string; isMissing: boolean }> {
  const { lanes, rank, signal, exchange, counters, series } = context;
  const request: ArchiveFileRequest = { kind: 'aggTrade', market: series.market, symbol: series.symbol, period };
  const subject = subjectOf(request);
  let size: number | null;
  try {
    const head = await lanes.archives.with(1, rank(), signal, () =>
      exchange.archives.head(request, { signal, counters }),
    );
    if (head === null) return notPublished(subject.file!);
    size = head.size;
  } catch (error) {
    return { kind: 'none', reason: distrust(error, subject, context), isMissing: false };
  }
  // Asked for before the download, so that files on the way count too: nobody knows the size of a day of trades before.
  return lanes.memory.with(tradeFileMemory(size), rank(), signal, async () => {
    const answer = await downloadOf(request, context);
    return answer.kind === 'none' ? answer : { kind: 'done', value: await work(answer) };
  });
}
