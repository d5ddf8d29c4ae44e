import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeCandleFrame, FrameFlag, type ReplayPace, type ReplayPhase, type ReplayState } from '@shared/contract';
import { type CandleColumns, concatCandles, seriesKey } from '@shared/market';
import { Bell } from './bell';
import type { CandleReader } from './candle-reader';
import { MAX_FRAME_CANDLES, PaceMeter } from './pace-meter';
import { Playhead } from './playhead';
import { type ReplayClock, systemClock } from './replay-clock';
import type { ReplaySession, ReplaySessionOptions } from './replay-types';

/** Most candles that a RESET frame shows before the playhead. */
export const MAX_WINDOW_CANDLES = 2_000;

/** State changes while playing are told at most this often. */
const STATE_MS = 33;

/** `outputHash` is null from a seek or step back until the playhead is at the start again: it covers unbroken runs only. */
export function createReplaySession(options: ReplaySessionOptions): ReplaySession {
  return new Session(options);
}

class Session implements ReplaySession {
  private readonly clock: ReplayClock;
  private readonly playhead: Playhead;
  private readonly meter: PaceMeter;
  private readonly bell = new Bell();

  private pace: ReplayPace;
  private wantsPlay = false;
  private closed = false;
  private failure: string | null = null;
  /** Candles that were stepped over and wait to be pulled. */
  private stepped: CandleColumns[] = [];
  private needsReset = true;

  /** Commands under way or waiting, and the last of them. */
  private commands = 0;
  private tail: Promise<unknown> = Promise.resolve();
  /** Grows with every jump, so that what an older command still does is dropped. */
  private jump = 0;
  private consumer = 0;
  private lastTold = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: ReplaySessionOptions) {
    this.clock = options.clock ?? systemClock;
    this.playhead = new Playhead(options.series, options.range, options.source);
    this.meter = new PaceMeter(this.clock, options.pace);
    this.pace = options.pace;
    void this.enqueue(async () => {});
  }

  get state(): ReplayState {
    const { range, spans = [], id, series } = this.options;
    const { at, position, total } = this.playhead;
    return {
      sessionId: id,
      key: seriesKey(series),
      range,
      phase: this.phase(),
      playhead: at,
      position,
      total: Math.max(total ?? 0, position),
      pace: this.pace,
      achievedBarsPerSecond: this.wantsPlay ? this.meter.achieved() : 0,
      barsSkipped: this.playhead.missingBars(spans),
      outputHash: this.playhead.outputHash(),
      detail: this.failure,
    };
  }

  async play(): Promise<ReplayState> {
    if (this.wantsPlay || this.closed) return this.state;
    this.failure = null;
    if (this.playhead.atEnd) void this.seek(this.options.range.from);
    else if (this.playhead.total === null && this.commands === 0) void this.enqueue(async () => {});
    this.wantsPlay = true;
    this.meter.restart();
    return this.changed();
  }

  async pause(): Promise<ReplayState> {
    this.wantsPlay = false;
    return this.changed();
  }

  async setPace(pace: ReplayPace): Promise<ReplayState> {
    this.pace = pace;
    this.meter.restart(pace);
    return this.changed();
  }

  async step(candles: number): Promise<ReplayState> {
    this.wantsPlay = false;
    this.failure = null;
    const answer = this.enqueue(async (isCurrent) => {
      if (candles > 0) await this.stepForward(candles, isCurrent);
      else if (candles < 0) await this.stepBack(-candles, isCurrent);
    });
    this.changed();
    return answer;
  }

  async seek(to: number): Promise<ReplayState> {
    const { range } = this.options;
    const target = Math.min(Math.max(to, range.from), range.to);
    if (this.commands === 0 && target === this.playhead.at && this.failure === null) return this.state;
    this.failure = null;
    this.startJump();
    const answer = this.enqueue(async (isCurrent) => {
      const position = await this.playhead.positionAt(target);
      if (isCurrent()) this.jumpTo(target, position);
    });
    this.changed();
    return answer;
  }

  close(): ReplayState {
    this.closed = true;
    this.wantsPlay = false;
    this.startJump();
    return this.changed();
  }

  frames(): AsyncIterableIterator<ArrayBuffer> {
    const consumer = ++this.consumer;
    const isWanted = (): boolean => consumer === this.consumer && !this.closed;
    this.needsReset = true;
    this.bell.ring();
    // Not a generator: its `return` would wait for a frame that may never come.
    const end = { done: true, value: undefined } as const;
    let last: Promise<unknown> = Promise.resolve();
    const iterator: AsyncIterableIterator<ArrayBuffer> = {
      [Symbol.asyncIterator]: () => iterator,
      next: () => {
        const frame = last.then(() => this.nextFrame(isWanted));
        last = frame;
        return frame.then((value) => (value ? { done: false, value } : end));
      },
      return: async () => {
        if (consumer === this.consumer) this.consumer++;
        this.bell.ring();
        return end;
      },
    };
    return iterator;
  }

  private async nextFrame(isWanted: () => boolean): Promise<ArrayBuffer | null> {
    while (isWanted()) {
      try {
        let frame: ArrayBuffer | null = null;
        if (this.failure !== null || this.commands > 0) await this.bell.next();
        else if (this.needsReset) frame = await this.windowFrame(isWanted);
        else if (this.stepped.length > 0) frame = this.steppedFrame();
        else if (this.wantsPlay) frame = await this.playedFrame(isWanted);
        else await this.bell.next();
        if (frame) return frame;
      } catch (error) {
        if (isWanted()) this.fail(error);
      }
    }
    return null;
  }

  /** The window before the playhead; null when the playhead moved meanwhile. */
  private async windowFrame(isWanted: () => boolean): Promise<ArrayBuffer | null> {
    const { at, position } = this.playhead;
    const candles = await this.playhead.before(Math.min(MAX_WINDOW_CANDLES, position + this.options.warmUp));
    if (!isWanted() || at !== this.playhead.at) return null;
    this.needsReset = false;
    this.stepped = [];
    this.meter.restart();
    return encodeCandleFrame(candles, FrameFlag.RESET);
  }

  private steppedFrame(): ArrayBuffer {
    const candles = concatCandles(this.stepped);
    this.stepped = [];
    return encodeCandleFrame(candles);
  }

  /** What is due by now; null after waiting for it, or when something else has to be looked at first. */
  private async playedFrame(isWanted: () => boolean): Promise<ArrayBuffer | null> {
    if (this.pace === 'max') {
      // Without a turn of the event loop a fast consumer would lock out the commands.
      await nextTurn();
      if (!this.wantsPlay || this.commands > 0 || this.needsReset || !isWanted()) return null;
    }
    if (this.meter.due() === 0 && !this.playhead.allShown) {
      await this.wait(this.meter.msUntilDue());
      return null;
    }
    const reader = this.playhead.open();
    if (reader.available === 0 && !reader.exhausted) {
      await reader.fill();
      return null;
    }
    const candles = this.advance(reader, this.meter.due());
    this.meter.shown(candles.rows);
    this.tell();
    if (candles.rows === 0) {
      // Candles came in behind the ones that were counted: they keep the pace too.
      if (!this.playhead.atEnd) await this.wait(this.meter.msUntilDue());
      return null;
    }
    return encodeCandleFrame(candles);
  }

  private async stepForward(count: number, isCurrent: () => boolean): Promise<void> {
    let left = count;
    while (!this.playhead.atEnd && (left > 0 || this.playhead.allShown)) {
      const reader = this.playhead.open();
      await reader.fill();
      if (!isCurrent() || (left === 0 && !reader.exhausted)) return;
      const candles = this.advance(reader, left);
      left -= candles.rows;
      if (candles.rows > 0) this.stepped.push(candles);
      // A window says the same as many steps that nobody pulled.
      if (this.stepped.reduce((sum, each) => sum + each.rows, 0) > MAX_WINDOW_CANDLES) this.needsReset = true;
      if (this.needsReset) this.stepped = [];
    }
  }

  private async stepBack(count: number, isCurrent: () => boolean): Promise<void> {
    const { from } = this.options.range;
    const { at, position } = this.playhead;
    if (position <= count) {
      if (at > from) this.jumpTo(from, 0);
      return;
    }
    const shown = await this.playhead.before(count + 1);
    if (isCurrent() && shown.rows > 0) this.jumpTo(this.playhead.closeOf(shown.openTime[0]!), position - count);
  }

  /** Lets candles that were read through the DAG. */
  private advance(reader: CandleReader, count: number): CandleColumns {
    const candles = this.playhead.advance(reader, Math.min(count, MAX_FRAME_CANDLES));
    if (this.playhead.atEnd) this.wantsPlay = false;
    return candles;
  }

  /** Drops what older commands and reads were about. */
  private startJump(): void {
    this.jump++;
    this.playhead.close();
  }

  private jumpTo(at: number, position: number): void {
    this.playhead.jumpTo(at, position);
    if (this.playhead.atEnd) this.wantsPlay = false;
    this.stepped = [];
    this.needsReset = true;
    this.meter.restart();
  }

  /** Commands run one after the other; each ends itself when a jump has overtaken it. */
  private enqueue(command: (isCurrent: () => boolean) => Promise<void>): Promise<ReplayState> {
    const { jump } = this;
    const isCurrent = (): boolean => jump === this.jump && !this.closed;
    this.commands++;
    const turn = this.tail.then(async () => {
      try {
        if (isCurrent()) {
          await this.playhead.count();
          if (isCurrent()) await command(isCurrent);
        }
      } catch (error) {
        if (isCurrent()) this.fail(error);
      }
      this.commands--;
      return this.changed();
    });
    this.tail = turn;
    return turn;
  }

  private fail(error: unknown): void {
    this.playhead.close();
    this.wantsPlay = false;
    this.failure = error instanceof Error ? error.message : String(error);
    this.changed();
  }

  private async wait(ms: number): Promise<void> {
    const dispose = this.clock.wake(ms, () => this.bell.ring());
    await this.bell.next();
    dispose();
  }

  private phase(): ReplayPhase {
    if (this.failure !== null) return 'failed';
    if (this.commands > 0) return 'loading';
    if (this.playhead.atEnd) return 'ended';
    return this.wantsPlay ? 'playing' : 'paused';
  }

  private changed(): ReplayState {
    this.bell.ring();
    const { state } = this;
    this.lastTold = this.clock.now();
    if (!this.closed) this.options.onState(state);
    return state;
  }

  /** Tells of progress, not oftener than an eye can follow. */
  private tell(): void {
    if (this.playhead.atEnd || this.clock.now() - this.lastTold >= STATE_MS) this.changed();
  }
}
