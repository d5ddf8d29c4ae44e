import { FlaskConical, FolderOpen, Globe } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { sentenceOf, useSession, useWindow } from '../../client';
import { Button } from '../../components';

type Choice = 'binance' | 'practice';

/** The one question of a first start: where candles come from. */
export function SetupScreen() {
  const session = useSession();
  const workspace = useWindow((state) => state.app?.workspace ?? '');
  const [choice, setChoice] = useState<Choice>('binance');
  const [demo, setDemo] = useState(true);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const start = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const practice = choice === 'practice';
      const app = await session.call('app.complete_setup', { practice, demo: practice && demo });
      useWindow.setState({ app });
    } catch (error) {
      setFailure(sentenceOf(error));
      setBusy(false);
    }
  };

  return (
    <form
      className="setup"
      data-testid="setup"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <h1>Where do the candles come from?</h1>
      <fieldset className="setup-choices" aria-label="Exchange">
        <SetupChoice
          icon={<Globe size={20} />}
          title="Binance"
          chosen={choice === 'binance'}
          onChoose={() => setChoice('binance')}
          testId="setup-binance"
        >
          Public archives and API. No key, no account.
        </SetupChoice>
        <SetupChoice
          icon={<FlaskConical size={20} />}
          title="Practice exchange"
          chosen={choice === 'practice'}
          onChoose={() => setChoice('practice')}
          testId="setup-practice"
        >
          A Binance inside this program, offline. Gap, click, repair, replay in a minute.
        </SetupChoice>
      </fieldset>
      <label className={`setup-demo ${choice === 'practice' ? '' : 'is-hidden'}`}>
        <input
          type="checkbox"
          checked={demo}
          data-testid="setup-demo"
          disabled={choice !== 'practice'}
          onChange={(event) => setDemo(event.target.checked)}
        />
        Start with a few series that have holes to repair
      </label>
      <dl className="setup-facts">
        <FolderOpen size={15} aria-hidden="true" />
        <dt>Workspace</dt>
        <dd className="num clip" title={workspace} data-testid="workspace">
          {workspace}
        </dd>
      </dl>
      {failure && (
        <p className="alarm" role="alert">
          {failure}
        </p>
      )}
      <Button kind="primary" size="large" type="submit" disabled={busy} data-testid="setup-start">
        {busy ? 'Starting…' : choice === 'practice' ? 'Start practising' : 'Start'}
      </Button>
      <p className="faint setup-note">
        Everything stays on this machine: a QuestDB of its own in the workspace, listening on loopback only. No
        telemetry.
      </p>
    </form>
  );
}

interface SetupChoiceProps {
  icon: ReactNode;
  title: string;
  chosen: boolean;
  onChoose(): void;
  testId: string;
  children: ReactNode;
}

function SetupChoice({ icon, title, chosen, onChoose, testId, children }: SetupChoiceProps) {
  return (
    <label className={`setup-choice ${chosen ? 'is-chosen' : ''}`} data-testid={testId}>
      <input type="radio" name="exchange" checked={chosen} onChange={onChoose} />
      <span className="setup-icon" aria-hidden="true">
        {icon}
      </span>
      <b>{title}</b>
      <span className="dim">{children}</span>
    </label>
  );
}
