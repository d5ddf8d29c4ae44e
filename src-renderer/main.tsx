import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/components.css';
import { keepConnected, type Port } from '@shared/rpc';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { CoreSession, connectToCore, followSystemTheme, SessionContext, showTheme, useWindow } from './client';

/** `?dev` in the development server: a core made of invented data, which no build contains. */
async function connector(): Promise<() => Promise<Port>> {
  if (import.meta.env.DEV && new URLSearchParams(location.search).has('dev')) {
    const { connectToDevCore } = await import('./dev');
    return connectToDevCore;
  }
  return connectToCore;
}

showTheme(useWindow.getState().theme);
followSystemTheme();
const session = new CoreSession(keepConnected({ connect: await connector() }));
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <SessionContext value={session}>
      <App />
    </SessionContext>
  </StrictMode>,
);
