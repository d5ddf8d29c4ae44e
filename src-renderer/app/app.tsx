import type { AppState } from '@shared/contract';
import type { Range } from '@shared/market';
import { useEffect, useMemo } from 'react';
import { openDialog, select, useWindow } from '../client';
import { AdoptionDialog } from '../features/adoption';
import { FindingsDialog } from '../features/findings';
import { OutagesDialog } from '../features/outages';
import { AddSeriesDialog } from '../features/series';
import { ConnectingScreen, FailedScreen, RefusedScreen, SetupScreen, StartingScreen } from '../features/setup';
import { screenOf } from './app-screen';
import { GoToTimeDialog } from './go-to-time-dialog';
import { Header } from './header';
import { HelpDialog } from './help-dialog';
import { useKeyboard } from './keyboard';
import { Workbench } from './workbench';
import { createWorkbenchHandle, type WorkbenchHandle } from './workbench-handle';

export function App() {
  const connection = useWindow((state) => state.connection);
  const app = useWindow((state) => state.app);
  const dialog = useWindow((state) => state.dialog);
  const announcement = useWindow((state) => state.announcement);
  const handle = useMemo(createWorkbenchHandle, []);
  const screen = screenOf({ connection, app });
  useKeyboard(handle);

  useEffect(() => {
    document.documentElement.dataset.appState = screen;
  }, [screen]);

  // After a loss the window keeps what it shows, marked as cut off; only before the first start there is nothing to keep.
  const cutOff = screen === 'disconnected';
  const body = cutOff && app ? app.phase : screen;
  return (
    <div className="app" data-screen={screen}>
      <Header app={app} screen={screen} filterRef={handle.filter} />
      {cutOff && <CutOffBanner />}
      {screen === 'ready' && app && app.questdb.state !== 'running' && <DatabaseBanner app={app} />}
      {body === 'ready' ? (
        <Workbench handle={handle} connected={screen === 'ready'} />
      ) : (
        <main className="app-screen">
          {connection.phase === 'refused' ? (
            <RefusedScreen reason={connection.reason.message} />
          ) : body === 'setup' ? (
            <SetupScreen />
          ) : body === 'starting' && app ? (
            <StartingScreen app={app} />
          ) : body === 'failed' && app ? (
            <FailedScreen app={app} />
          ) : (
            <ConnectingScreen />
          )}
        </main>
      )}
      {dialog === 'help' && <HelpDialog />}
      {dialog === 'add-series' && body === 'ready' && <AddSeriesDialog />}
      {dialog === 'adoption' && body === 'ready' && (
        <AdoptionDialog onGo={(key, range) => showRange(handle, key, range)} />
      )}
      {dialog === 'findings' && body === 'ready' && (
        <FindingsDialog onGo={(key, range) => showRange(handle, key, range)} />
      )}
      {dialog === 'outages' && body === 'ready' && <OutagesDialog />}
      {dialog === 'go-to-time' && body === 'ready' && (
        <GoToTimeDialog onGo={(t) => handle.onStrips((strips) => strips.goTo(t))} />
      )}
      <div className="visually-hidden" role="status" aria-live="polite">
        {announcement}
      </div>
    </div>
  );
}

/** Closes the dialog and shows a range of a series on its strip. */
function showRange(handle: WorkbenchHandle, key: string, range: Range): void {
  openDialog(null);
  // A filter could hide the strip.
  useWindow.setState({ filter: '', intervals: [], needsAction: false });
  select({ kind: 'range', keys: [key], range });
  handle.onStrips((strips) => strips.zoomToSelection());
}

/** The window keeps showing what it knows while the database is away. */
function DatabaseBanner({ app }: { app: AppState }) {
  const { state, detail } = app.questdb;
  const coming = state === 'starting' || state === 'crashed';
  return (
    <div className={coming ? 'banner' : 'banner banner-alarm'} role="alert" data-testid="database-away">
      <span className={`dot ${coming ? 'dot-warn' : 'dot-bad'}`} />
      <span className="grow">
        {coming ? 'QuestDB went away and is being started again.' : (detail ?? 'QuestDB is away.')} What is stored stays
        stored; charts and repairs wait for it. Log: <span className="num">{app.workspace}/logs</span>
      </span>
    </div>
  );
}

function CutOffBanner() {
  return (
    <div className="banner" role="alert" data-testid="disconnected">
      <span className="dot dot-warn" />
      The core is gone; reconnecting. What is stored stays stored, and jobs go on when it is back.
    </div>
  );
}
