import { openDialog } from '../../client';
import { formatAmount, ProgressBar } from '../../components';
import { placeWords } from './adoption-foot';
import { adoptedRows, useAdoptionWork, workShare } from './adoption-work';
import { useSuggestionsUpToDate } from './suggestions';

/** In the footer while rows are adopted, and until somebody has seen what came of it; keeps the suggestions up to date. */
export function AdoptionStatus() {
  useSuggestionsUpToDate();
  const { stage, items } = useAdoptionWork();
  if (stage !== 'adopting' && stage !== 'adopted') return null;
  return (
    <button
      type="button"
      className="adoption-status"
      title="Show what is adopted (A)"
      data-testid="adoption-status"
      onClick={() => openDialog('adoption')}
    >
      {stage === 'adopting' ? (
        <>
          {placeWords('Adopting', items)}
          <ProgressBar value={workShare(items)} label="Adopting" />
        </>
      ) : (
        `${formatAmount(adoptedRows(items), 'row')} adopted`
      )}
    </button>
  );
}
