import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import '../../styles/tokens.css';
import './workbench.css';
import { createRpcClient, messagePort } from '@shared/rpc';
import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { ReplayDock, type ReplayDockProps } from '../../features/replay';
import { WORKBENCH_SPANS } from './invented-candles';

/** `?state=none|empty|offline`, `&at=ms`, `&from=ms&to=ms`, `#light`. */
const query = new URLSearchParams(location.search);
const theme = location.hash === '#light' ? 'light' : 'dark';
document.documentElement.dataset.theme = theme;

const worker = new Worker(new URL('./workbench-core.ts', import.meta.url), { type: 'module' });
const channel = new MessageChannel();
worker.postMessage(null, [channel.port1]);
const client = createRpcClient(messagePort(channel.port2));

const SERIES = { key: 'binance:spot:ETHUSDT:1m', symbol: 'ETHUSDT', interval: '1m', market: 'spot' } as const;
const state = query.get('state');

function initialFocus(): ReplayDockProps['focus'] {
  const [at, from, to] = ['at', 'from', 'to'].map((name) => Number(query.get(name) ?? Number.NaN));
  if (Number.isFinite(from) && Number.isFinite(to)) return { at: from!, range: { from: from!, to: to! } };
  return Number.isFinite(at) ? { at: at! } : null;
}

function Workbench() {
  const [focus, setFocus] = useState(initialFocus);
  const [log, setLog] = useState('');
  useEffect(() => {
    Object.assign(window, { workbench: { setFocus } });
  }, []);
  const series = state === 'none' ? null : SERIES;
  return (
    <>
      <div className="above">{log}</div>
      <ReplayDock
        client={client}
        series={series}
        spans={state === 'empty' ? [] : WORKBENCH_SPANS}
        focus={focus}
        theme={theme}
        connected={state !== 'offline'}
        onPlayhead={(t) => setLog(`playhead ${t}`)}
        onVisibleRange={() => {}}
      />
    </>
  );
}

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <Workbench />
    </StrictMode>,
  );
