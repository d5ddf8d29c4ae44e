import type { AppState } from '@shared/contract';
import { Check, CircleX, Plug, RotateCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { sentenceOf, useSession, useWindow } from '../../client';
import { Button, EmptyState, ProgressBar } from '../../components';

/** The core brings its database and its exchange up. */
export function StartingScreen({ app }: { app: AppState }) {
  const database = app.questdb.state === 'running';
  return (
    <div className="starting" role="status" data-testid="starting">
      <h1>Starting</h1>
      <ol className="starting-steps">
        <StartingStep
          done={database}
          title="QuestDB"
          detail={
            database
              ? `${app.questdb.version ?? ''} on ${app.questdb.address ?? 'loopback'}`
              : (app.questdb.detail ?? 'starting')
          }
          progress={shareIn(app.questdb.detail)}
        />
        <StartingStep
          done={app.exchange.reachable}
          title={app.exchange.practice ? 'Practice exchange' : 'Binance'}
          detail={
            app.exchange.detail ??
            (app.exchange.reachable ? 'reachable' : database ? 'asking for its clock and limits' : 'after the database')
          }
          progress={null}
          waiting={!database}
        />
      </ol>
    </div>
  );
}

/** Reads `… (12 of 30 MB)` as a share; null when the text has none. */
export function shareIn(detail: string | null): number | null {
  const match = /\((\d+(?:\.\d+)?) of (\d+(?:\.\d+)?) [KMG]B\)/.exec(detail ?? '');
  const whole = Number(match?.[2]);
  return match && whole > 0 ? Math.min(1, Number(match[1]) / whole) : null;
}

interface StartingStepProps {
  done: boolean;
  title: string;
  detail: string;
  progress: number | null;
  waiting?: boolean;
}

function StartingStep({ done, title, detail, progress, waiting = false }: StartingStepProps) {
  return (
    <li className={done ? 'is-done' : waiting ? 'is-waiting' : ''}>
      <span className="starting-icon" aria-hidden="true">
        {done ? <Check size={15} /> : null}
      </span>
      <b>{title}</b>
      <span className="dim">{detail}</span>
      {!done && !waiting && <ProgressBar value={progress} label={title} />}
    </li>
  );
}

/** The core could not start; says what failed and what still can be done. */
export function FailedScreen({ app }: { app: AppState }) {
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const retry = async () => {
    setBusy(true);
    setFailure(null);
    try {
      useWindow.setState({ app: await session.call('app.retry_start', {}) });
    } catch (error) {
      setFailure(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  const database = app.questdb.state !== 'running';
  // A wrong setting or workspace is found before the database is started.
  const isDatabase = database && (app.failure?.code.startsWith('questdb.') ?? true);
  return (
    <EmptyState
      role="alert"
      icon={<CircleX size={24} />}
      title={isDatabase ? 'QuestDB did not start.' : 'The start failed.'}
      actions={
        <Button kind="primary" data-testid="retry-start" disabled={busy} onClick={() => void retry()}>
          <RotateCw size={15} aria-hidden="true" />
          Try again
        </Button>
      }
    >
      <p>
        {app.failure?.message ?? (database ? app.questdb.detail : app.exchange.detail) ?? 'The core gave no reason.'}
      </p>
      {failure && <p className="alarm">{failure}</p>}
      <p className="faint">
        Stored candles are untouched. The log is in <span className="num">{app.workspace}/logs</span>.
      </p>
    </EmptyState>
  );
}

/** Nothing has been heard of the core yet. */
export function ConnectingScreen() {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), 4_000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="connecting" role="status">
      <ProgressBar value={null} label="Connecting to the core" />
      <p className="dim">{slow ? 'Still connecting to the core. It may be starting.' : 'Connecting to the core'}</p>
    </div>
  );
}

/** The core refuses this window. */
export function RefusedScreen({ reason }: { reason: string }) {
  const { client } = useSession();
  return (
    <EmptyState
      role="alert"
      icon={<Plug size={24} />}
      title="The core refuses this window."
      actions={<Button onClick={() => client.retry()}>Try again</Button>}
    >
      <p>{reason}</p>
    </EmptyState>
  );
}
