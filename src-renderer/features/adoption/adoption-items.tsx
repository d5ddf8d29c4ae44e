import type { AdoptionReport } from '@shared/contract';
import type { Range } from '@shared/market';
import { CircleAlert, CircleCheck, CircleDashed, CircleX } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, formatAmount, ProgressBar, seriesWords } from '../../components';
import { Undo } from '../undo';
import { leftOutWords, leftWords, reportWords } from './adoption-words';
import { type AdoptionItem, type AdoptionStage, byUrgency } from './adoption-work';

export interface AdoptionItemsProps {
  stage: AdoptionStage;
  items: readonly AdoptionItem[];
  /** To the range on the series' strip. */
  onGo(key: string, range: Range): void;
  onFindings(): void;
}

/** What would come of each table and file, or has come of it. */
export function AdoptionItems({ stage, items, onGo, onFindings }: AdoptionItemsProps) {
  const isTrial = stage === 'trying' || stage === 'tried';
  const isOver = stage === 'tried' || stage === 'adopted';
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard.
    <section className="adoption-items" tabIndex={0} aria-label={isTrial ? 'What would happen' : 'What happened'}>
      <ul>
        {(isOver ? byUrgency(items) : items).map((item) => (
          <li
            key={item.candidate.id}
            className="adoption-item"
            data-testid={`adoption-item-${item.candidate.name}`}
            data-state={item.state}
          >
            <Mark item={item} />
            <div className="adoption-item-body">
              <div className="spread">
                <span className="clip">
                  <b className="num" title={item.candidate.detail ?? item.candidate.name}>
                    {item.candidate.name}
                  </b>
                  <span className="dim"> → {seriesWords(item.key)}</span>
                </span>
                {stage === 'adopted' && item.report?.range && (
                  <Button size="small" data-testid="adoption-go" onClick={() => onGo(item.key, item.report!.range!)}>
                    Show it
                  </Button>
                )}
              </div>
              <ItemState item={item} isTrial={isTrial} />
              {item.report && <Notes report={item.report} isTrial={isTrial} onFindings={onFindings} />}
              {item.state === 'failed' && item.progress?.jobId && (
                <div className="adoption-item-acts">
                  <Undo jobId={item.progress.jobId} />
                </div>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Mark({ item: { state, report } }: { item: AdoptionItem }): ReactNode {
  if (state === 'failed') return <CircleX size={16} className="alarm" aria-hidden="true" />;
  if (state !== 'done') return <CircleDashed size={16} className="faint" aria-hidden="true" />;
  if (report && report.adopted > 0) return <CircleCheck size={16} className="adoption-ok" aria-hidden="true" />;
  return <CircleAlert size={16} className="dim" aria-hidden="true" />;
}

function ItemState({ item, isTrial }: { item: AdoptionItem; isTrial: boolean }) {
  const { state, progress, report, failure } = item;
  switch (state) {
    case 'waiting':
      return <p className="dim">Waits for those before it</p>;
    case 'working':
      return (
        <ProgressBar
          value={progress === null || progress.of === 0 ? null : progress.rows / progress.of}
          label={`${isTrial ? 'Checking' : 'Adopting'} ${item.candidate.name}`}
        />
      );
    case 'left':
      return <p data-testid="adoption-outcome">{leftWords(report)}</p>;
    case 'failed':
      return (
        <p className="alarm" role="alert">
          {failure}
          {progress && progress.adopted > 0 && ` ${formatAmount(progress.adopted, 'row')} had been adopted before.`}
        </p>
      );
    case 'done':
      return report && <p data-testid="adoption-outcome">{reportWords(report, isTrial)}</p>;
  }
}

/** What was left out and why, and what is worth a look. */
function Notes({ report, isTrial, onFindings }: { report: AdoptionReport; isTrial: boolean; onFindings(): void }) {
  const leftOut = leftOutWords(report);
  return (
    <>
      {leftOut && <p className="dim">{leftOut}</p>}
      {report.findings.length > 0 && (
        <ul className="adoption-findings">
          {report.findings.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      {!isTrial && (report.findings.length > 0 || report.jobId !== null) && (
        <div className="adoption-item-acts">
          {report.findings.length > 0 && (
            <Button size="small" kind="quiet" data-testid="adoption-findings" onClick={onFindings}>
              To the findings
            </Button>
          )}
          {report.jobId !== null && <Undo jobId={report.jobId} />}
        </div>
      )}
    </>
  );
}
