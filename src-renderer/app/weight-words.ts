import type { ExchangeStatus, MarketWeight } from '@shared/contract';
import { formatAmount, formatCount, formatDuration } from '../components';

/** A market's budget as bar and words need it; `now` and all times by the exchange's clock. */
export interface WeightView {
  readonly tone: 'ok' | 'near' | 'blocked';
  /** Of the exchange's limit, 0 to 1. */
  readonly used: number;
  readonly mark: number;
  readonly allowed: number;
  readonly sentences: readonly string[];
}

/** From this share of what may be used on, requests begin to wait. */
const NEAR = 0.9;

/** The exchange's present moment, as well as its clock is known. */
export function exchangeNow(exchange: Pick<ExchangeStatus, 'clockOffsetMs'>, ownNow: number): number {
  return ownNow + (exchange.clockOffsetMs ?? 0);
}

export function weightView(weight: MarketWeight, now: number): WeightView {
  const { used, limit, share, blockedUntil, blockedBecause, waiting, nextAt } = weight;
  const allowed = Math.floor(limit * share);
  const isBlocked = blockedUntil !== null && blockedUntil > now;
  const sentences = [
    `${formatCount(used)} of ${formatCount(limit)} used in the exchange's present minute.`,
    `Tapemend uses at most ${formatCount(allowed)} of it (${Math.round(share * 100)} %, limits.weightShare).`,
  ];
  if (isBlocked)
    sentences.push(`${blockedBecause ?? 'Nothing is sent for a while.'} ${wholeSeconds(blockedUntil - now)} more.`);
  if (waiting > 0) {
    const next =
      !isBlocked && nextAt !== null && nextAt > now ? `; the next leaves in ${wholeSeconds(nextAt - now)}` : '';
    sentences.push(`${formatAmount(waiting, 'request')} ${waiting === 1 ? 'waits' : 'wait'}${next}.`);
  } else if (!isBlocked) sentences.push('No request waits.');
  return {
    tone: isBlocked ? 'blocked' : used >= allowed * NEAR ? 'near' : 'ok',
    used: limit > 0 ? Math.min(1, used / limit) : 0,
    mark: Math.min(1, share),
    allowed,
    sentences,
  };
}

/** A countdown changes once a second, never to tenths. */
export function wholeSeconds(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  return seconds < 10 ? `${seconds} s` : formatDuration(seconds * 1_000);
}
