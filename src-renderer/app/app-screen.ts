import type { WindowState } from '../client';

export type ScreenName = 'loading' | 'setup' | 'starting' | 'ready' | 'failed' | 'disconnected';

/** Which screen the state asks for; also on the document, for tests. */
export function screenOf({ connection, app }: Pick<WindowState, 'connection' | 'app'>): ScreenName {
  if (connection.phase === 'disconnected' || connection.phase === 'closed') return 'disconnected';
  if (connection.phase === 'refused') return 'failed';
  if (!app || connection.phase === 'connecting') return 'loading';
  return app.phase;
}
