/** Status of a symbol that only the archive still knows: renamed, merged, delivered, or removed. */
export const GONE = 'GONE';

/**
 * Statuses of symbols that do not trade any more: spot's, the futures' (USD-M keeps removed contracts as SETTLING or CLOSE,
 * COIN-M says DELIVERING and DELIVERED), and `GONE`.
 */
const ENDED: ReadonlySet<string> = new Set(['BREAK', 'CLOSE', 'SETTLING', 'DELIVERING', 'DELIVERED', GONE]);

export function hasEnded(status: string): boolean {
  return ENDED.has(status);
}
