/** Names that main process, preload and page share while a port is handed from one to the next. */
export const BRIDGE = {
  /** Preload to main: a nonce, asking for a port to the core. */
  connectChannel: 'tapemend:connect',
  /** Main to preload, and preload to page as `{ type, nonce }`: the port. */
  portChannel: 'tapemend:port',
  /** Main to preload to page: the core behind every port handed out so far has ended. */
  lostChannel: 'tapemend:lost',
} as const;

/** A nonce is 128 random bits in hex. */
export function isNonce(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value);
}
