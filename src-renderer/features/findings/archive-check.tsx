import { useEffect, useRef, useState } from 'react';
import { openDialog, sentenceOf, useSession } from '../../client';
import { Button, ProgressBar } from '../../components';
import { checkWords } from './finding-words';

type Check = { readonly phase: 'idle' | 'running' } | { readonly phase: 'done' | 'failed'; readonly text: string };

/** Asks the archive, file by file, whether what stored rows rest on has been replaced; leaving the dialog ends it. */
export function ArchiveCheck({ onChecked }: { onChecked(): void }) {
  const session = useSession();
  const [check, setCheck] = useState<Check>({ phase: 'idle' });
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);

  const start = async () => {
    const open = new AbortController();
    controller.current = open;
    setCheck({ phase: 'running' });
    try {
      const result = await session.call('archives.check', {}, open.signal);
      setCheck({ phase: 'done', text: checkWords(result) });
      onChecked();
    } catch (error) {
      const text = open.signal.aborted ? 'The check was ended; what it had found stays.' : sentenceOf(error);
      setCheck({ phase: open.signal.aborted ? 'done' : 'failed', text });
    }
  };
  return (
    <>
      <div className="grow archive-check" role="status" data-testid="archives-result">
        {check.phase === 'running' && (
          <>
            <span className="dim">Asking the archive about every file that stored rows rest on…</span>
            <ProgressBar value={null} label="Checking archives" />
          </>
        )}
        {check.phase === 'done' && <span className="dim">{check.text}</span>}
        {check.phase === 'failed' && <span className="alarm">{check.text}</span>}
      </div>
      {check.phase === 'running' ? (
        <Button onClick={() => controller.current?.abort()}>End the check</Button>
      ) : (
        <Button data-testid="archives-check" onClick={() => void start()}>
          Check archives
        </Button>
      )}
      <Button onClick={() => openDialog(null)}>Close</Button>
    </>
  );
}
