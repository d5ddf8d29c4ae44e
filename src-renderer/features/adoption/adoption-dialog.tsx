import type { Range } from '@shared/market';
import { useEffect, useMemo } from 'react';
import { openDialog, useSession } from '../../client';
import { Dialog } from '../../components';
import { AdoptionFoot } from './adoption-foot';
import { AdoptionItems } from './adoption-items';
import { backToChoosing, useAdoptionWork } from './adoption-work';
import { readForeign, useCandidates } from './candidate-store';
import { linesOf } from './candidates';
import { Choosing } from './choosing';
import { readSuggestions } from './suggestions';

export interface AdoptionDialogProps {
  /** To the range on the series' strip. */
  onGo(key: string, range: Range): void;
}

/**
 * Candles of other programs become rows of series: chosen, tried without writing, adopted. Closing it while rows are adopted
 * lets that go on; the footer of the window leads back.
 */
export function AdoptionDialog({ onGo }: AdoptionDialogProps) {
  const session = useSession();
  const { foreign, named } = useCandidates();
  const { stage, items } = useAdoptionWork();
  const lines = useMemo(() => linesOf(foreign, named), [foreign, named]);
  useEffect(() => void readForeign(session), [session]);
  useFocusOfStage(stage);
  const close = () => {
    if (stage !== 'adopting') {
      backToChoosing();
      // Adopted rows may have been taken back here.
      void readSuggestions(session);
    }
    openDialog(null);
  };
  return (
    <Dialog
      title="Adopt candles"
      description="Candles that other programs have stored. Their rows go into bars that hold none; what the exchange said is not written over."
      onClose={close}
      className="adoption-dialog"
      testId="adoption-dialog"
      footer={<AdoptionFoot lines={lines} onClose={close} />}
    >
      <div className="dialog-content" data-stage={stage}>
        {stage === 'choosing' ? (
          <Choosing lines={lines} />
        ) : (
          <AdoptionItems
            stage={stage}
            items={items}
            onGo={(key, range) => {
              backToChoosing();
              onGo(key, range);
            }}
            onFindings={() => openDialog('findings')}
          />
        )}
      </div>
    </Dialog>
  );
}

/** The button that was pressed is gone with its stage; the focus goes to the next one to press. */
function useFocusOfStage(stage: string): void {
  useEffect(() => {
    const next = document.querySelector<HTMLElement>(`[data-focus-of=${stage}]`);
    const isLost = document.activeElement === document.body || document.activeElement === null;
    if (next && (isLost || document.activeElement?.closest('.adoption-dialog') === document.activeElement))
      next.focus();
  }, [stage]);
}
