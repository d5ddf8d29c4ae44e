import type { ReplayPace } from '@shared/contract';
import type { ReplayClock } from './replay-clock';

/** Frames leave at most about sixty times a second. */
const FRAME_MS = 16;

/** Most candles of one frame. */
export const MAX_FRAME_CANDLES = 8_192;

const SECOND = 1_000;

/** Tells how many candles are due, and how fast they really went. */
export class PaceMeter {
  private anchor = 0;
  private sinceAnchor = 0;
  private pace: ReplayPace;
  private readonly history: { at: number; candles: number }[] = [];

  constructor(
    private readonly clock: ReplayClock,
    pace: ReplayPace,
  ) {
    this.pace = pace;
  }

  /** Counts anew from now on: after a pause, a seek, or another pace. */
  restart(pace: ReplayPace = this.pace): void {
    this.pace = pace;
    this.anchor = this.clock.now();
    this.sinceAnchor = 0;
    this.history.length = 0;
    this.history.push({ at: this.anchor, candles: 0 });
  }

  /** Candles to show now. */
  due(): number {
    if (this.pace === 'max') return MAX_FRAME_CANDLES;
    const debt = this.expected() - this.sinceAnchor;
    return Math.max(0, Math.min(MAX_FRAME_CANDLES, debt));
  }

  /** Milliseconds until the next candle is due, never less than a frame. */
  msUntilDue(): number {
    if (this.pace === 'max') return 0;
    const at = this.anchor + ((this.sinceAnchor + 1) * SECOND) / this.pace;
    return Math.max(FRAME_MS, at - this.clock.now());
  }

  /** Notes shown candles. A consumer that fell more than a second behind is not made to catch up. */
  shown(candles: number): void {
    const now = this.clock.now();
    this.sinceAnchor += candles;
    this.history.push({ at: now, candles });
    while (this.history.length > 2 && this.history[1]!.at <= now - SECOND) this.history.shift();
    if (this.pace !== 'max' && this.expected() - this.sinceAnchor > this.pace) {
      this.anchor = now;
      this.sinceAnchor = 0;
    }
  }

  /** Candles per second over the last second. */
  achieved(): number {
    const first = this.history[0];
    const now = this.clock.now();
    if (!first || now <= first.at) return 0;
    const candles = this.history.slice(1).reduce((sum, each) => sum + each.candles, 0);
    return (candles * SECOND) / Math.max(now - first.at, FRAME_MS);
  }

  /** Candles due since the anchor; a hair's breadth of float error must not cost one. */
  private expected(): number {
    return this.pace === 'max' ? 0 : Math.floor((this.pace * (this.clock.now() - this.anchor)) / SECOND + 1e-9);
  }
}
