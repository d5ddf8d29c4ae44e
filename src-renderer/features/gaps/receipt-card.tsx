import type { Receipt, SeriesReceipt } from '@shared/contract';
import { type ExplainedSpan, formatTime, parseStoredSeriesKey, seriesWord, verdictClass } from '@shared/market';
import { CircleAlert, CircleCheck, CircleX } from 'lucide-react';
import { useState } from 'react';
import {
  Button,
  barWordOf,
  formatAmount,
  formatBars,
  formatBytes,
  formatCount,
  formatDuration,
  VERDICT_WORDS,
  VerdictMark,
} from '../../components';
import { Undo } from '../undo';

export interface ReceiptCardProps {
  receipt: Receipt;
  /** The person ended the job before it was through. */
  cancelled?: boolean;
  /** Goes back to the plan of the same range. */
  onAgain?: () => void;
}

const STATUS: Record<Receipt['status'], { words: string; tone: 'ok' | 'warn' | 'alarm' }> = {
  complete: { words: 'Complete', tone: 'ok' },
  complete_with_explained_gaps: { words: 'Complete with explained gaps', tone: 'ok' },
  partial: { words: 'Partial', tone: 'warn' },
  failed: { words: 'Failed', tone: 'alarm' },
};
const GAPS_SHOWN = 6;
const EXPLAINED_OPEN = 2;
const SERIES_SHOWN = 8;

/** What a job did, read back from the store; what is still missing comes first. */
export function ReceiptCard({ receipt, cancelled = false, onAgain }: ReceiptCardProps) {
  const { words, tone } = STATUS[receipt.status];
  const Icon = tone === 'ok' ? CircleCheck : tone === 'warn' ? CircleAlert : CircleX;
  const sum = (pick: (series: SeriesReceipt) => number) =>
    receipt.series.reduce((total, each) => total + pick(each), 0);
  const stillMissing = sum((each) => each.stillMissing);
  const counts: [string, number][] = [
    ['Asked', sum((each) => each.asked)],
    ['Already present', sum((each) => each.alreadyPresent)],
    ['Stored', sum((each) => each.stored)],
    ['Still missing', stillMissing],
  ];
  const gaps = receipt.series.flatMap((each) => each.gaps.map((gap) => ({ key: each.key, gap })));
  const findings = [...receipt.errors, ...receipt.series.flatMap((each) => each.findings)];
  return (
    <div className="receipt" data-testid="receipt" data-status={receipt.status}>
      <div className={`receipt-head tone-${tone}`}>
        <Icon size={17} aria-hidden="true" />
        <b>{cancelled ? 'Cancelled' : words}</b>
        <span className="num dim">{formatDuration(receipt.durationMs)}</span>
      </div>
      <dl className="card facts">
        {counts.map(([label, value]) => (
          <div key={label} className={label === 'Still missing' && value > 0 ? 'alarm' : ''}>
            <dt>{label}</dt>
            <dd className="num" data-testid={`receipt-${label.toLowerCase().replace(' ', '-')}`}>
              {formatCount(value)}
            </dd>
          </div>
        ))}
      </dl>
      {gaps.length > 0 && <Gaps gaps={gaps} named={receipt.series.length > 1} />}
      {findings.length > 0 && (
        <ul className="findings">
          {findings.slice(0, GAPS_SHOWN).map((finding) => (
            <li key={finding}>{finding}</li>
          ))}
          {findings.length > GAPS_SHOWN && <li>{formatAmount(findings.length - GAPS_SHOWN, 'more finding')}</li>}
        </ul>
      )}
      {receipt.series.length > 1 && <PerSeries series={receipt.series} />}
      <p className="faint num receipt-cost">
        {formatAmount(receipt.requests, 'request')} · {formatBytes(receipt.bytes)} · weight {receipt.weightUsed}
        {receipt.retries > 0 ? ` · ${formatAmount(receipt.retries, 'retry').replace('retrys', 'retries')}` : ''}
      </p>
      {sum((each) => each.stored) > 0 && <Undo jobId={receipt.jobId} />}
      {onAgain &&
        (stillMissing > 0 || receipt.status === 'failed' ? (
          <Button data-testid="plan-again" onClick={onAgain}>
            Plan what is still missing
          </Button>
        ) : (
          <Button kind="quiet" size="small" data-testid="plan-again" onClick={onAgain}>
            Back to the plan
          </Button>
        ))}
    </div>
  );
}

interface ReceiptGap {
  readonly key: string;
  readonly gap: ExplainedSpan;
}

/** Gaps of a receipt: what needs action is open, what is explained is counted and unfolds. */
function Gaps({ gaps, named }: { gaps: readonly ReceiptGap[]; named: boolean }) {
  const needy = gaps.filter(({ gap }) => verdictClass(gap.verdict) !== 'explained');
  const explained = gaps.filter(({ gap }) => verdictClass(gap.verdict) === 'explained');
  const [open, setOpen] = useState(explained.length <= EXPLAINED_OPEN);
  const bars = explained.reduce((sum, { gap }) => sum + gap.bars, 0);
  return (
    <>
      {needy.length > 0 && <GapList gaps={needy} named={named} />}
      {explained.length > 0 && (
        <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {formatAmount(explained.length, 'explained gap')}, {formatBars(bars)}
        </button>
      )}
      {open && <GapList gaps={explained} named={named} />}
    </>
  );
}

function GapList({ gaps, named }: { gaps: readonly ReceiptGap[]; named: boolean }) {
  return (
    <ul className="receipt-gaps">
      {gaps.slice(0, GAPS_SHOWN).map(({ key, gap }) => (
        <li key={`${key} ${gap.from}`}>
          <div className={`spread verdict-${gap.verdict}`}>
            <span className="verdict-name">
              <VerdictMark verdict={gap.verdict} />
              {VERDICT_WORDS[gap.verdict].name}
            </span>
            <span className="num">{formatBars(gap.bars, barWordOf([key]))}</span>
          </div>
          <div className="num dim">
            {named && `${nameOf(key)} · `}
            {formatTime(gap.from)} → {formatTime(gap.to)}
          </div>
          {gap.evidence.map((line) => (
            <div key={line} className="dim evidence-line">
              {line}
            </div>
          ))}
        </li>
      ))}
      {gaps.length > GAPS_SHOWN && <li className="dim">{formatAmount(gaps.length - GAPS_SHOWN, 'more gap')}</li>}
    </ul>
  );
}

function nameOf(key: string): string {
  const series = parseStoredSeriesKey(key);
  return series ? `${series.symbol} ${seriesWord(series)}` : key;
}

function PerSeries({ series }: { series: readonly SeriesReceipt[] }) {
  const sorted = [...series].sort((a, b) => b.stillMissing - a.stillMissing);
  return (
    <table className="receipt-series">
      <thead>
        <tr>
          <th>Series</th>
          <th>Stored</th>
          <th>Missing</th>
        </tr>
      </thead>
      <tbody>
        {sorted.slice(0, SERIES_SHOWN).map((each) => {
          const parsed = parseStoredSeriesKey(each.key);
          return (
            <tr key={`${each.key} ${each.from}`}>
              <td>
                {parsed?.symbol} <span className="num dim">{parsed && seriesWord(parsed)}</span>
              </td>
              <td className="num">{formatCount(each.stored)}</td>
              <td className={`num ${each.stillMissing > 0 ? 'alarm' : 'faint'}`}>{formatCount(each.stillMissing)}</td>
            </tr>
          );
        })}
      </tbody>
      {series.length > SERIES_SHOWN && (
        <tfoot>
          <tr>
            <td colSpan={3} className="dim">
              {series.length - SERIES_SHOWN} more series
            </td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}
