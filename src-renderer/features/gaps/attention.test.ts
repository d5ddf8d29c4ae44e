import type { AppState, JobItemState, JobProgress, SeriesSummary } from '@shared/contract';
import { MINUTE_MS, type Span, type Verdict } from '@shared/market';
import { describe, expect, it } from 'vitest';
import type { CoveragePage } from '../../client';
import { type AttentionInput, attentionOf } from './attention';
import { followRequests } from './follow-requests';

const KEY = 'binance:spot:BTCUSDT:1m';
const RANGE = { from: 0, to: 60 * MINUTE_MS };

function pageWith(verdict: Verdict): CoveragePage {
  const gap: Span = { from: 10 * MINUTE_MS, to: 20 * MINUTE_MS, verdict, bars: 10 };
  return { key: KEY, gaps: [gap] } as unknown as CoveragePage;
}

function job(state: JobItemState, part: Partial<JobProgress> = {}): JobProgress {
  const byState = {
    running: 0,
    failed: 0,
    partial: 0,
    queued: 0,
    cancelled: 0,
    complete_with_explained_gaps: 0,
    complete: 0,
  };
  return {
    jobId: 'one',
    state,
    keys: [KEY],
    barsAsked: 60,
    barsDone: 50,
    lastError: null,
    retryOf: null,
    items: [{ index: 0, key: KEY, range: RANGE, state }],
    itemTotals: { total: 1, byState: { ...byState, [state]: 1 } },
    ...part,
  } as JobProgress;
}

function input(part: Partial<AttentionInput> = {}): AttentionInput {
  return {
    app: null,
    jobs: [],
    series: [{ key: KEY, bars: 10 } as SeriesSummary],
    pageOf: () => pageWith('unexplained'),
    newFindings: 0,
    outageProposals: 0,
    suggestedTables: 0,
    now: 1_000_000,
    ...part,
  };
}

const kinds = (part: Partial<AttentionInput>) => attentionOf(input(part)).map((item) => item.kind);

describe('needs attention', () => {
  it('is never calm', () => {
    expect(attentionOf(input({ jobs: [job('complete')] }))).toEqual([]);
  });

  it('a job that failed is not told, or goes on being told when its bars are there or somebody tries again', () => {
    expect(kinds({ jobs: [job('failed')] })).toEqual(['job']);
    expect(kinds({ jobs: [job('partial')], pageOf: () => pageWith('not_asked') })).toEqual(['job']);
    expect(kinds({ jobs: [job('partial')], pageOf: () => pageWith('exchange_outage') })).toEqual([]);
    expect(kinds({ jobs: [job('failed'), job('complete', { jobId: 'two', retryOf: 'one' })] })).toEqual([]);
    expect(kinds({ jobs: [job('cancelled')] })).toEqual([]);
  });

  it.each([
    'The disk of QuestDB is full (while writing rows). Free space, then repeat: nothing stored is lost.',
    'The disk of /work/jobs/one.ndjson is full; free some space, then start the backfill again. What is stored stays.',
    'The disk of /data/questdb is full. Free at least 1 GB, then start again.',
  ])('a full disk passes for any failed job: %s', (lastError) => {
    const items = attentionOf(input({ jobs: [job('failed', { lastError })] }));
    expect(items).toEqual([expect.objectContaining({ kind: 'disk', detail: lastError, jobId: 'one' })]);
  });

  it('a block is told after its end, or before it began', () => {
    const app = (blockedUntil: number | null) =>
      ({
        questdb: { detail: null },
        exchange: { markets: [{ market: 'um', blockedUntil, waiting: 1 }] },
      }) as unknown as AppState;
    expect(kinds({ app: app(1_000_001) })).toEqual(['blocked']);
    expect(kinds({ app: app(1_000_000) })).toEqual([]);
    expect(kinds({ app: app(null) })).toEqual([]);
    expect(attentionOf(input({ app: app(1_000_001) }))[0]?.title).toBe('USD-M asks to wait');
  });

  it('findings are not counted, and series without candles are told while a job fetches them', () => {
    expect(kinds({ newFindings: 2 })).toEqual(['findings']);
    const series = [{ key: KEY, bars: 0 } as SeriesSummary];
    expect(kinds({ series })).toEqual(['empty']);
    expect(kinds({ series, jobs: [job('running')] })).toEqual([]);
  });
});

describe('following empty cells', () => {
  it('follows more than was selected, since the route multiplies symbols by intervals', () => {
    const requests = followRequests([
      'binance:spot:A:1m',
      'binance:spot:A:1h',
      'binance:spot:B:1h',
      'binance:spot:C:1h',
      'binance:um:B:1h',
      'binance:spot:D:aggTrade',
    ]);
    expect(requests).toEqual([
      { market: 'spot', symbols: ['A'], intervals: ['1m', '1h'], aggTrades: false },
      { market: 'spot', symbols: ['B', 'C'], intervals: ['1h'], aggTrades: false },
      { market: 'um', symbols: ['B'], intervals: ['1h'], aggTrades: false },
      { market: 'spot', symbols: ['D'], intervals: [], aggTrades: true },
    ]);
  });

  it('tables of other programs go before what is broken, or are told of when there are none', () => {
    expect(kinds({ suggestedTables: 2, newFindings: 1 })).toEqual(['findings', 'foreign']);
    expect(attentionOf(input({ suggestedTables: 1 }))[0]?.title).toBe('1 table to adopt');
    expect(kinds({ suggestedTables: 0 })).toEqual([]);
  });
});
