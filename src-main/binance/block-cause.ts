import { formatTime } from '@shared/market';

/** Why nothing may be sent for a while: 429, 418, or a firewall's 403. */
export type BlockCause = 'too_many' | 'banned' | 'firewall';

const WORDS: Record<BlockCause, string> = {
  too_many: 'The exchange answered that it got too many requests (429)',
  banned: 'The exchange has banned this address for sending too many requests (418)',
  firewall: "The exchange's firewall refused this address (403)",
};

/** Cause and end of a block in a sentence; `until` in exchange time, epoch ms. A block that was remembered may have no cause. */
export function blockWords(cause: BlockCause | null, until: number): string {
  const why = cause === null ? 'The exchange has asked to wait' : WORDS[cause];
  return `${why}; nothing is sent until ${formatTime(Math.ceil(until / 1000) * 1000)} UTC.`;
}

export function isBlockCause(value: unknown): value is BlockCause {
  return typeof value === 'string' && Object.hasOwn(WORDS, value);
}
