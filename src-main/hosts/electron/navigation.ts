import { originOf } from './permissions';

/** Pages that may be opened in the user's own browser: the attribution link of the charts. Exact origins. */
const EXTERNAL_ORIGINS: ReadonlySet<string> = new Set(['https://www.tradingview.com']);
const MAX_URL_CHARACTERS = 2_000;

export type NavigationDecision = 'stay' | 'open-externally' | 'deny';

/**
 * Decides about a link, redirect, frame or new window. `stay` means a place inside the one page (its own origin); nothing else
 * may ever load in the window.
 */
export function decideNavigation(url: string, ownOrigin: string): NavigationDecision {
  if (originOf(url) === ownOrigin) return 'stay';
  return isExternalUrl(url) ? 'open-externally' : 'deny';
}

export function isExternalUrl(url: string): boolean {
  // Programs disagree about backslashes and spaces in addresses, so an address with one is nobody's.
  if (url.length > MAX_URL_CHARACTERS || /[\s\\]/.test(url) || !URL.canParse(url)) return false;
  const origin = originOf(url);
  return origin !== null && EXTERNAL_ORIGINS.has(origin);
}
