import { randomBytes } from 'node:crypto';
import { AppError, type ReplayPace, type ReplayState } from '@shared/contract';
import {
  type CandleColumns,
  type CandleSeries,
  concatCandles,
  intervalMs,
  type Range,
  sliceCandles,
} from '@shared/market';
import type { CoverageService } from '../coverage';
import type { QuestDbStore } from '../questdb';
import { type CandleSource, createReplaySession, type ReplaySession } from '../replay';

/** Sessions left open by windows that went away are closed when so many newer ones exist. */
const MOST_SESSIONS = 8;

/** The replay sessions of a core, by id. */
export class ReplaySessions {
  readonly #sessions = new Map<string, ReplaySession>();

  constructor(
    private readonly store: QuestDbStore,
    private readonly coverage: CoverageService,
    private readonly onState: (state: ReplayState) => void,
  ) {}

  async open(series: CandleSeries, range: Range, pace: ReplayPace, warmUp: number): Promise<ReplayState> {
    const report = await this.coverage.report(series, range);
    const id = randomBytes(9).toString('base64url');
    const session = createReplaySession({
      id,
      series,
      range,
      pace,
      warmUp,
      source: candleSource(this.store, series),
      spans: report.spans,
      onState: this.onState,
    });
    this.#sessions.set(id, session);
    for (const oldest of this.#sessions.keys()) {
      if (this.#sessions.size <= MOST_SESSIONS) break;
      await this.close(oldest);
    }
    return session.state;
  }

  get(id: string): ReplaySession {
    const session = this.#sessions.get(id);
    if (!session) throw new AppError('replay.unknown_session', 'This replay was closed; open it again.');
    return session;
  }

  async close(id: string): Promise<boolean> {
    const session = this.#sessions.get(id);
    if (!session) return false;
    this.#sessions.delete(id);
    await session.close();
    return true;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((id) => this.close(id)));
  }
}

/** Stored candles of a series as a replay reads them. */
export function candleSource(store: QuestDbStore, series: CandleSeries): CandleSource {
  return {
    read: (range, { signal }) => store.readCandles(series, range, signal ? { signal } : {}),
    count: (range) => store.countRows(series, range),
    before: (t, n) => candlesBefore(store, series, t, n),
  };
}

/** The newest `n` candles that open before `t`: looks back in windows that double, so that holes do not hide candles. */
async function candlesBefore(store: QuestDbStore, series: CandleSeries, t: number, n: number): Promise<CandleColumns> {
  let found = concatCandles([]);
  if (n <= 0) return found;
  const epoch = 0;
  for (let span = n * intervalMs(series.interval); ; span *= 4) {
    const from = Math.max(epoch, t - span);
    const parts: CandleColumns[] = [];
    for await (const batch of store.readCandles(series, { from, to: t })) parts.push(batch);
    found = concatCandles(parts);
    if (found.rows >= n || from === epoch) break;
  }
  return sliceCandles(found, Math.max(0, found.rows - n), found.rows);
}
