import { formatTime } from '@shared/market';
import type { ChartSeries, ChartStatus } from '../../charts';

interface ChartNoticeProps {
  status: ChartStatus;
  series: ChartSeries | null;
  /** Symbol of a chosen series of trades. */
  tradesOf: string | null;
  connected: boolean;
  /** True while the chart shows candles: then a notice must not cover them. */
  hasPicture: boolean;
  onGoTo(at: number): void;
  onRetry(): void;
}

/** What the chart says instead of candles, or, in one line at its top, beside them. */
export function ChartNotice({ status, series, tradesOf, connected, hasPicture, onGoTo, onRetry }: ChartNoticeProps) {
  if (!connected && series) {
    const rest = hasPicture ? 'The chart shows what was read before.' : 'Candles appear when the core is back.';
    return (
      <Notice
        compact={hasPicture}
        title="Disconnected from the core"
        words={rest}
        role="status"
        testId="chart-offline"
      />
    );
  }
  switch (status.kind) {
    case 'no-series':
      return (
        <Notice
          title={tradesOf === null ? 'No series selected' : `Trades of ${tradesOf} have no candles`}
          words="Select a strip of candles to see them, and click a moment to look around it."
          testId="chart-no-series"
        />
      );
    case 'empty': {
      const { nearest } = status;
      const name = series ? `${series.symbol} ${series.interval}` : 'this series';
      if (nearest === null)
        return (
          <Notice
            title={`No candles stored for ${name} yet`}
            words="Select a missing range on its strip and fetch it; the candles appear here."
            testId="chart-empty"
          />
        );
      return (
        <Notice
          title={`No candles stored around ${formatTime(status.at).slice(0, 10)}`}
          words={`The nearest stored candle of ${name} is at ${formatTime(nearest)} UTC.`}
          action={{ label: 'Go there', run: () => onGoTo(nearest) }}
          testId="chart-empty"
        />
      );
    }
    case 'failed':
      return (
        <Notice
          compact={hasPicture}
          title="The candles could not be read"
          words={status.message}
          action={{ label: 'Try again', run: onRetry }}
          role="alert"
          testId="chart-failed"
        />
      );
    default:
      return null;
  }
}

interface NoticeProps {
  title: string;
  words: string;
  testId: string;
  compact?: boolean;
  role?: 'status' | 'alert';
  action?: { label: string; run(): void };
}

function Notice({ title, words, testId, compact = false, role = 'status', action }: NoticeProps) {
  return (
    <div className={compact ? 'tm-notice tm-notice-line' : 'tm-notice'} role={role} data-testid={testId}>
      <strong>{title}</strong>
      <span>{words}</span>
      {action ? (
        <button type="button" className="tm-start tm-start-quiet" onClick={action.run}>
          {action.label}
        </button>
      ) : null}
    </div>
  );
}
