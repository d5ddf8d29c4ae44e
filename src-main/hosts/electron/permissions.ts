/** Electron grants everything by default; here everything that is not listed is denied. */
const ALLOWED: ReadonlySet<string> = new Set(['clipboard-sanitized-write', 'fullscreen']);

/** `origin` is that of the frame that asks, or a URL in it. */
export function isPermitted(permission: string, origin: string, ownOrigin: string): boolean {
  return ALLOWED.has(permission) && originOf(origin) === ownOrigin;
}

/** Scheme, host and port of a URL, also for own schemes, where `URL.origin` is "null"; null when it is no URL. */
export function originOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, host, username, password } = new URL(url);
  return username || password ? null : `${protocol}//${host}`;
}
