import { Wrench } from 'lucide-react';
import { useState } from 'react';
import { announce, sentenceOf, useSession, useWindow } from '../../client';
import { Button, barWordOf, formatBars } from '../../components';
import { JobCard } from './job-card';
import { buttonWords, planLines } from './plan-words';
import { ReceiptCard } from './receipt-card';
import { type RepairItem, repairId, usePlan } from './use-plan';

export interface RepairCardProps {
  items: readonly RepairItem[];
  /** What the button says before the numbers. */
  verb?: 'Repair' | 'Fetch';
  /** Said when there is nothing to fetch. */
  nothing?: string;
  /** The job of these items was started; the owner keeps passing them while their gaps heal. Null: they may change again. */
  onPinned?(items: readonly RepairItem[] | null): void;
}

/** Plan and one button; then, in the same place, the progress, then the receipt. */
export function RepairCard({ items, verb = 'Repair', nothing = 'Nothing to fetch here.', onPinned }: RepairCardProps) {
  const session = useSession();
  const id = repairId(items);
  const word = barWordOf(items.map((item) => item.key));
  const jobId = useWindow((state) => state.jobOfSelection[id]);
  const [attempt, setAttempt] = useState(0);
  const [starting, setStarting] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const planning = usePlan(items, attempt);

  const again = () => {
    onPinned?.(null);
    useWindow.setState(({ jobOfSelection }) => {
      const { [id]: _done, ...others } = jobOfSelection;
      return { jobOfSelection: others };
    });
    setFailure(null);
    setAttempt((n) => n + 1);
  };

  const start = async () => {
    setStarting(true);
    setFailure(null);
    onPinned?.(items);
    try {
      const { jobId: started } = await session.call('backfill.start', {
        items: items.map(({ key, range }) => ({ key, range: { from: range.from, to: range.to } })),
      });
      useWindow.setState(({ jobOfSelection }) => ({ jobOfSelection: { ...jobOfSelection, [id]: started } }));
      announce(
        planning.phase === 'ready'
          ? `Repair of ${formatBars(planning.plan.totals.bars, word)} started.`
          : 'Repair started.',
      );
    } catch (error) {
      onPinned?.(null);
      setFailure(sentenceOf(error));
    } finally {
      setStarting(false);
    }
  };

  if (jobId !== undefined) return <JobOrReceipt jobId={jobId} onAgain={again} />;
  if (planning.phase === 'failed' || failure)
    return (
      <div className="notice notice-alarm" role="alert">
        <p>{failure ?? (planning.phase === 'failed' ? planning.reason : '')}</p>
        <Button size="small" onClick={again}>
          Try again
        </Button>
      </div>
    );
  const plan = planning.phase === 'ready' ? planning.plan : null;
  const bars = plan?.totals.bars ?? 0;
  return (
    <div className="repair" data-testid="plan">
      <dl className="card facts" aria-busy={!plan}>
        {plan
          ? planLines(plan).map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd className="num">{value}</dd>
              </div>
            ))
          : ['Plan', 'Fetch', 'About'].map((label) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd className="skeleton" />
              </div>
            ))}
      </dl>
      {plan && bars === 0 && <p className="dim">{nothing}</p>}
      <Button
        kind="primary"
        size="large"
        className="repair-button"
        data-testid="repair"
        disabled={!plan || bars === 0 || starting}
        onClick={() => void start()}
      >
        {plan && bars > 0 && <Wrench size={15} aria-hidden="true" />}
        {plan ? (bars > 0 ? buttonWords(verb, plan, word) : 'Nothing to fetch') : 'Planning…'}
      </Button>
    </div>
  );
}

function JobOrReceipt({ jobId, onAgain }: { jobId: string; onAgain(): void }) {
  const receipt = useWindow((state) => state.receipts[jobId]);
  const job = useWindow((state) => state.jobs.find((each) => each.jobId === jobId));
  return receipt ? (
    <ReceiptCard receipt={receipt} cancelled={job?.state === 'cancelled'} onAgain={onAgain} />
  ) : (
    <JobCard job={job ?? null} jobId={jobId} onAgain={onAgain} />
  );
}
