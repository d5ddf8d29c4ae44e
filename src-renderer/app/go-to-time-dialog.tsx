import { parseTime } from '@shared/market';
import { useState } from 'react';
import { openDialog } from '../client';
import { Button, Dialog } from '../components';

export interface GoToTimeDialogProps {
  onGo(t: number): void;
}

export function GoToTimeDialog({ onGo }: GoToTimeDialogProps) {
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  return (
    <Dialog
      title="Go to a time"
      description="UTC, for example 2021-02-17 or 2021-02-17 04:30"
      onClose={() => openDialog(null)}
      className="go-to"
      testId="go-to-dialog"
    >
      <form
        className="go-to-form"
        onSubmit={(event) => {
          event.preventDefault();
          const t = parseTime(text);
          if (t === null) return setWrong(true);
          onGo(t);
          openDialog(null);
        }}
      >
        <input
          data-autofocus
          className="field num"
          aria-label="Time, UTC"
          aria-invalid={wrong}
          placeholder="2021-02-17 04:30"
          spellCheck={false}
          value={text}
          data-testid="go-to-input"
          onChange={(event) => {
            setWrong(false);
            setText(event.target.value);
          }}
        />
        <Button kind="primary" type="submit">
          Go
        </Button>
      </form>
      {wrong && (
        <p className="alarm" role="alert">
          "{text}" is no time that exists.
        </p>
      )}
    </Dialog>
  );
}
