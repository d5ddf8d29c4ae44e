import type { AppState, QuestDbState } from '@shared/contract';
import { CircleHelp, Moon, Search, Sun, X } from 'lucide-react';
import { type Ref, useEffect, useState } from 'react';
import { openDialog, setTheme, useWindow } from '../client';
import { formatCount, IconButton } from '../components';
import type { ScreenName } from './app-screen';
import { WeightGauges } from './weight-gauges';

export interface HeaderProps {
  app: AppState | null;
  screen: ScreenName;
  filterRef: Ref<HTMLInputElement>;
}

/** Brand, workspace, filter, and the health of database and exchange; the clock says UTC for the whole window. */
export function Header({ app, screen, filterRef }: HeaderProps) {
  const theme = useWindow((state) => state.theme);
  const working = app?.phase === 'ready';
  return (
    <header className="header">
      <h1 className="brand">
        Tape<i>mend</i>
      </h1>
      {app && (
        <span className="workspace dim clip" title={`Workspace: ${app.workspace}`} data-testid="workspace-name">
          {workspaceName(app.workspace)}
        </span>
      )}
      {working && <Filter inputRef={filterRef} />}
      <span className="grow" />
      {app && app.phase !== 'setup' && <Health app={app} cutOff={screen === 'disconnected'} />}
      <Clock />
      <IconButton
        label={theme === 'dark' ? 'Light theme' : 'Dark theme'}
        data-testid="theme"
        onClick={() => setTheme(theme === 'dark' ? 'light' : 'dark')}
      >
        {theme === 'dark' ? <Sun size={16} /> : <Moon size={16} />}
      </IconButton>
      <IconButton label="Keys and help" shortcut="?" data-testid="help" onClick={() => openDialog('help')}>
        <CircleHelp size={16} />
      </IconButton>
    </header>
  );
}

/** The last folder of a path tells one workspace from another. */
function workspaceName(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}

function Filter({ inputRef }: { inputRef: Ref<HTMLInputElement> }) {
  const filter = useWindow((state) => state.filter);
  return (
    <div className="search-field header-filter">
      <Search size={15} aria-hidden="true" />
      <input
        ref={inputRef}
        className="field"
        type="text"
        placeholder="Filter series"
        aria-label="Filter series by symbol or interval"
        aria-keyshortcuts="/"
        spellCheck={false}
        data-testid="filter"
        value={filter}
        onChange={(event) => useWindow.setState({ filter: event.target.value })}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          if (filter) useWindow.setState({ filter: '' });
          else event.currentTarget.blur();
        }}
      />
      {filter ? (
        <IconButton label="Clear the filter" className="small" onClick={() => useWindow.setState({ filter: '' })}>
          <X size={14} />
        </IconButton>
      ) : (
        <kbd>/</kbd>
      )}
    </div>
  );
}

const DATABASE_TONE: Record<QuestDbState, 'ok' | 'warn' | 'bad'> = {
  idle: 'warn',
  starting: 'warn',
  running: 'ok',
  stopping: 'warn',
  stopped: 'bad',
  crashed: 'bad',
  failed: 'bad',
  unreachable: 'bad',
};

function Health({ app, cutOff }: { app: AppState; cutOff: boolean }) {
  const { questdb, exchange } = app;
  const database = cutOff ? 'warn' : DATABASE_TONE[questdb.state];
  // Before the start is over nobody has asked the exchange anything.
  const unasked = cutOff || app.phase !== 'ready';
  const exchangeTone = exchange.reachable && !cutOff ? 'ok' : unasked ? 'warn' : 'bad';
  return (
    <div className="health">
      <span
        className="chip-status"
        title={questdb.detail ?? questdb.address ?? ''}
        data-testid="questdb"
        data-state={questdb.state}
      >
        <i className={`dot dot-${database}`} aria-hidden="true" />
        QuestDB <span className="num">{questdb.state === 'running' ? questdb.version : questdb.state}</span>
      </span>
      <span
        className={`chip-status ${exchange.practice ? 'is-practice' : ''}`}
        title={exchange.detail ?? clockWords(exchange.clockOffsetMs)}
        data-testid="exchange"
      >
        <i className={`dot dot-${exchangeTone}`} aria-hidden="true" />
        {exchange.practice ? 'Practice exchange' : 'Binance'}
        {!exchange.reachable && !unasked && <span className="alarm">unreachable</span>}
      </span>
      <WeightGauges exchange={exchange} cutOff={cutOff} />
    </div>
  );
}

function clockWords(offsetMs: number | null): string {
  if (offsetMs === null) return 'Its clock was not asked yet';
  if (Math.abs(offsetMs) < 1) return 'This machine and the exchange agree on the time';
  return `This machine's clock is ${formatCount(Math.abs(Math.round(offsetMs)))} ms ${offsetMs > 0 ? 'behind' : 'ahead of'} the exchange's`;
}

function Clock() {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time className="num dim clock" data-testid="clock">
      {new Date(now).toISOString().slice(0, 19).replace('T', ' ')} UTC
    </time>
  );
}
