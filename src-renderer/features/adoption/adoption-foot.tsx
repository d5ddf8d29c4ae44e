import { useSession } from '../../client';
import { Button, formatAmount, formatCount, ProgressBar } from '../../components';
import { sourcesWords } from './adoption-words';
import {
  type AdoptionItem,
  adoptableItems,
  adoptedRows,
  backToChoosing,
  runAdoption,
  stopAdoption,
  tryAdoption,
  useAdoptionWork,
  workShare,
} from './adoption-work';
import { picksOf, useCandidates } from './candidate-store';
import type { ListLine } from './candidates';
import { dismissSuggestions, useSuggestedTables } from './suggestions';

/** What the chosen come to, and the next step. */
export function AdoptionFoot({ lines, onClose }: { lines: readonly ListLine[]; onClose(): void }) {
  const stage = useAdoptionWork((state) => state.stage);
  switch (stage) {
    case 'choosing':
      return <ChoosingFoot lines={lines} onClose={onClose} />;
    case 'trying':
    case 'adopting':
      return <WorkingFoot stage={stage} onClose={onClose} />;
    case 'tried':
      return <TriedFoot />;
    case 'adopted':
      return <AdoptedFoot onClose={onClose} />;
  }
}

function ChoosingFoot({ lines, onClose }: { lines: readonly ListLine[]; onClose(): void }) {
  const session = useSession();
  const state = useCandidates();
  const suggested = useSuggestedTables();
  const candidates = lines.flatMap((line) => (line.kind === 'candidate' ? [line.candidate] : []));
  const picks = picksOf(candidates, state);
  const known = picks.flatMap(({ candidate, key }) => (key === null ? [] : [{ candidate, key }]));
  const unknown = picks.length - known.length;
  const rows = picks.reduce((sum, { candidate }) => sum + candidate.candles.rows, 0);
  return (
    <>
      <span className="grow dim" role="status" data-testid="adoption-sum">
        {picks.length === 0
          ? 'Nothing is chosen yet.'
          : unknown > 0
            ? `${formatCount(unknown)} of ${formatCount(picks.length)} chosen ${unknown === 1 ? 'lacks' : 'lack'} a symbol or an interval.`
            : `${sourcesWords(picks.map(({ candidate }) => candidate))}, ${formatAmount(rows, 'row')}`}
      </span>
      {suggested > 0 && (
        <Button
          kind="quiet"
          title="Needs attention no longer lists the new tables that are there now"
          data-testid="adoption-dismiss"
          onClick={dismissSuggestions}
        >
          Stop suggesting these
        </Button>
      )}
      <Button onClick={onClose}>Close</Button>
      <Button
        kind="primary"
        disabled={known.length === 0 || unknown > 0}
        data-testid="adoption-try"
        data-focus-of="choosing"
        onClick={() => void tryAdoption(session, known)}
      >
        See what would happen
      </Button>
    </>
  );
}

function WorkingFoot({ stage, onClose }: { stage: 'trying' | 'adopting'; onClose(): void }) {
  const session = useSession();
  const { items, isStopping } = useAdoptionWork();
  const isTrial = stage === 'trying';
  const words = isTrial ? 'Checking' : 'Adopting';
  return (
    <>
      <div className="grow adoption-progress" role="status">
        <span className="dim num">
          {isStopping ? 'What was read is stored, then it ends' : placeWords(words, items)}
        </span>
        <ProgressBar value={workShare(items)} label={words} />
      </div>
      {!isTrial && (
        <Button title="It goes on; the footer of the window leads back" data-testid="adoption-hide" onClick={onClose}>
          Go on in the background
        </Button>
      )}
      <Button
        data-testid="adoption-stop"
        data-focus-of={stage}
        disabled={isStopping}
        onClick={() => stopAdoption(session)}
      >
        {isStopping ? 'Stopping…' : 'Stop'}
      </Button>
    </>
  );
}

/** `Adopting 2 of 5` */
export function placeWords(words: string, items: readonly AdoptionItem[]): string {
  const begun = items.filter(({ state }) => state !== 'waiting').length;
  return `${words} ${formatCount(Math.max(1, begun))} of ${formatCount(items.length)}`;
}

function TriedFoot() {
  const session = useSession();
  const items = useAdoptionWork((state) => state.items);
  const ready = adoptableItems({ items });
  const rows = adoptedRows(ready);
  const keys = new Set(ready.map(({ key }) => key));
  const isShared = keys.size < ready.length;
  const failed = items.filter(({ state }) => state === 'failed').length;
  return (
    <>
      <span className="grow dim" role="status" data-testid="adoption-sum">
        {ready.length === 0
          ? 'There is nothing to adopt; nothing was changed.'
          : `${isShared ? 'At most ' : ''}${formatAmount(rows, 'row')} into ${formatCount(keys.size)} series; ${
              isShared ? 'of several rows for one bar the first is taken.' : 'it can be undone.'
            }`}
        {failed > 0 && ` ${formatCount(failed)} of ${formatCount(items.length)} cannot be adopted.`}
      </span>
      <Button
        data-testid="adoption-back"
        data-focus-of={ready.length === 0 ? 'tried' : undefined}
        onClick={backToChoosing}
      >
        Back
      </Button>
      <Button
        kind="primary"
        disabled={ready.length === 0}
        data-testid="adoption-confirm"
        data-focus-of={ready.length === 0 ? undefined : 'tried'}
        onClick={() => void runAdoption(session)}
      >
        {ready.length === 0 ? 'Adopt' : `Adopt ${formatAmount(rows, 'row')}`}
      </Button>
    </>
  );
}

function AdoptedFoot({ onClose }: { onClose(): void }) {
  const session = useSession();
  const items = useAdoptionWork((state) => state.items);
  const open = items.filter(({ state }) => state === 'failed' || state === 'left');
  return (
    <>
      <span className="grow dim" role="status" data-testid="adoption-sum">
        {formatAmount(adoptedRows(items), 'row')} adopted
        {open.length > 0 && `, ${formatCount(open.length)} of ${formatCount(items.length)} not through`}
      </span>
      {open.length > 0 && (
        <Button data-testid="adoption-again" onClick={() => void tryAdoption(session, open)}>
          Try {open.length === 1 ? 'it' : 'them'} again
        </Button>
      )}
      <Button onClick={backToChoosing}>Adopt more</Button>
      <Button kind="primary" data-testid="adoption-close" data-focus-of="adopted" onClick={onClose}>
        Close
      </Button>
    </>
  );
}
