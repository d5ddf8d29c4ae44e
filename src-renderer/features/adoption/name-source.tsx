import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { announce, sentenceOf, useSession } from '../../client';
import { Button } from '../../components';
import { sourcesWords } from './adoption-words';
import { nameSource } from './candidate-store';

/** Files, and views, which the list of tables leaves out, come in by their name. */
export function NameSource({ onNamed }: { onNamed(): void }) {
  const session = useSession();
  const field = useId();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);

  const look = async (event: FormEvent) => {
    event.preventDefault();
    const open = new AbortController();
    controller.current = open;
    setBusy(true);
    setFailure(null);
    try {
      // File managers copy paths in quotes.
      const found = await nameSource(session, text.trim().replace(/^(["'])(.*)\1$/, '$2'), open.signal);
      announce(`${sourcesWords(found)} added to the list.`);
      setText('');
      onNamed();
    } catch (error) {
      if (!open.signal.aborted) setFailure(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="name-source" onSubmit={(event) => void look(event)}>
      <label htmlFor={field}>CSV file or view</label>
      <input
        id={field}
        className="field num"
        value={text}
        spellCheck={false}
        autoComplete="off"
        placeholder="~/candles/BTCUSDT-1h.csv, or the name of a view"
        aria-invalid={failure !== null}
        data-testid="adoption-name"
        onChange={(event) => {
          setText(event.target.value);
          setFailure(null);
        }}
      />
      {busy ? (
        <Button onClick={() => controller.current?.abort()}>Stop reading</Button>
      ) : (
        <Button type="submit" disabled={text.trim() === ''} data-testid="adoption-name-look">
          Put on the list
        </Button>
      )}
      {failure && (
        <p className="alarm" role="alert" data-testid="adoption-name-failure">
          {failure}
        </p>
      )}
    </form>
  );
}
