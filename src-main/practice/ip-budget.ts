import { MINUTE_MS } from '@shared/market';
import { bannedMessage, ExchangeError, tooMuchWeight } from './replies';

const FIRST_BAN_MS = 2 * MINUTE_MS;
const LONGEST_BAN_MS = 3 * 24 * 60 * MINUTE_MS;

/** Request weight of the one caller that a market has, per minute of the exchange's clock; too much of it is refused, then banned. */
export class IpBudget {
  private minute = -1;
  private strikes = 0;
  private bannedUntil = 0;
  private nextBanMs = FIRST_BAN_MS;
  used = 0;
  /** Weight since the start, and how often it was refused. */
  spent = 0;
  refused = { tooMuch: 0, banned: 0 };

  constructor(
    readonly limit: number,
    private readonly strikesBeforeBan: number,
    private readonly rate: number,
  ) {}

  /** Counts a request; throws -1003 with 429 over the limit and with 418 while banned. */
  spend(weight: number, now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.minute) {
      this.minute = minute;
      this.used = 0;
      this.strikes = 0;
    }
    this.spent += weight;
    if (now < this.bannedUntil) {
      this.refused.banned++;
      throw new ExchangeError(-1003, bannedMessage(this.bannedUntil), 418, this.seconds(this.bannedUntil - now));
    }
    this.used += weight;
    if (this.used <= this.limit) return;
    this.strikes++;
    if (this.strikes > this.strikesBeforeBan) {
      this.refused.banned++;
      this.bannedUntil = now + this.nextBanMs;
      this.nextBanMs = Math.min(LONGEST_BAN_MS, this.nextBanMs * 3);
      throw new ExchangeError(-1003, bannedMessage(this.bannedUntil), 418, this.seconds(this.bannedUntil - now));
    }
    this.refused.tooMuch++;
    throw new ExchangeError(-1003, tooMuchWeight(this.limit), 429, this.seconds((minute + 1) * MINUTE_MS - now));
  }

  /** Whole seconds of the caller's time. */
  private seconds(exchangeMs: number): number {
    return Math.max(1, Math.ceil(exchangeMs / this.rate / 1_000));
  }
}
