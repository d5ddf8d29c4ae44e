import type { Session, WebContents } from 'electron';
import { decideNavigation } from './navigation';
import { openExternal } from './open-external';
import { isPermitted } from './permissions';

/** No page content may leave our origin, open a window or embed a foreign one. Holds for every contents ever created. */
export function guardContents(contents: WebContents, ownOrigin: string): void {
  const guard = (event: { preventDefault(): void }, url: string) => {
    const decision = decideNavigation(url, ownOrigin);
    if (decision === 'stay') return;
    event.preventDefault();
    if (decision === 'open-externally') void openExternal(url);
  };
  contents.on('will-navigate', (event) => guard(event, event.url));
  contents.on('will-frame-navigate', (event) => {
    // Ours has no frames at all; the top frame is told by will-navigate too.
    if (!event.isMainFrame) event.preventDefault();
  });
  contents.on('will-redirect', (event) => {
    if (decideNavigation(event.url, ownOrigin) !== 'stay') event.preventDefault();
  });
  contents.setWindowOpenHandler(({ url }) => {
    if (decideNavigation(url, ownOrigin) === 'open-externally') void openExternal(url);
    return { action: 'deny' };
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

export function guardSession(session: Session, ownOrigin: string): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) =>
    answer(isPermitted(permission, details.requestingUrl, ownOrigin)),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => isPermitted(permission, origin, ownOrigin));
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => event.preventDefault());
}
