import { createHash } from 'node:crypto';
import { candlesOfFrame, decodeFrame, FrameFlag, type ReplayPace, type ReplayState } from '@shared/contract';
import {
  CANDLE_FIELDS,
  type CandleColumns,
  candleSeries,
  closeOf,
  gridOf,
  type Interval,
  intervalMs,
  type Range,
  type Span,
} from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candlesAt, FakeClock, MemorySource, settle } from './memory-source';
import { createReplaySession, MAX_WINDOW_CANDLES } from './replay-session';
import type { ReplaySession } from './replay-types';

const START = Date.UTC(2020, 0, 1);
const MINUTE = 60_000;
const minutes = (from: number, to: number): Range => ({ from: START + from * MINUTE, to: START + to * MINUTE });
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** What a chart does with frames: forget on RESET, then append. */
class Chart {
  opens: number[] = [];
  closes: number[] = [];
  resets = 0;
  frames = 0;
  largest = 0;

  take(buffer: ArrayBuffer): void {
    const frame = decodeFrame(buffer)!;
    const candles = candlesOfFrame(frame)!;
    if (frame.flags & FrameFlag.RESET) {
      this.opens = [];
      this.closes = [];
      this.resets++;
    }
    this.frames++;
    this.largest = Math.max(this.largest, candles.rows);
    this.opens.push(...candles.openTime);
    this.closes.push(...candles.close);
  }
}

interface Setup {
  bars?: readonly number[];
  range?: Range;
  pace?: ReplayPace;
  warmUp?: number;
  spans?: Span[];
  interval?: Interval;
  first?: number;
}

function open(setup: Setup = {}) {
  const series = candleSeries('BTCUSDT', setup.interval ?? '1m');
  const source = new MemorySource(candlesAt(series, setup.first ?? START, setup.bars ?? upTo(100)));
  const clock = new FakeClock();
  const states: ReplayState[] = [];
  const session = createReplaySession({
    id: 'r1',
    series,
    range: setup.range ?? minutes(0, 100),
    pace: setup.pace ?? 10,
    warmUp: setup.warmUp ?? 0,
    source,
    spans: setup.spans ?? [],
    clock,
    onState: (state) => states.push(state),
  });
  return { series, source, clock, states, session, chart: new Chart() };
}

/** Pulls frames into the chart until the session closes or another consumer takes over. */
async function consume(session: ReplaySession, chart: Chart, afterFrame = (): void => {}): Promise<void> {
  for await (const frame of session.frames()) {
    chart.take(frame);
    afterFrame();
  }
}

function hashOf(candles: CandleColumns, count: number): string {
  const hash = createHash('sha256');
  for (let index = 0; index < count; index++) {
    const row = Buffer.alloc(80);
    for (const [position, field] of CANDLE_FIELDS.entries()) row.writeDoubleLE(candles[field][index]!, position * 8);
    hash.update(row);
  }
  return hash.digest('hex');
}

describe('replay session', () => {
  it('the pace drifts from what was asked by more than one percent', async () => {
    for (const pace of [1, 3, 10, 59, 250, 4_000]) {
      const { session, source, clock, chart } = open({ bars: upTo(10_000), range: minutes(0, 10_000), pace });
      source.batchRows = 1_000;
      void consume(session, chart);
      await settle();
      await session.play();
      await clock.advance(2_000);
      expect(Math.abs(chart.opens.length / (2 * pace) - 1), `pace ${pace}`).toBeLessThan(0.01);
      expect(session.state.achievedBarsPerSecond / pace).toBeCloseTo(1, 1);
      // About sixty a second, and one more where a batch of the source ends.
      expect(chart.frames, 'frames').toBeLessThanOrEqual(2 * 63 + (2 * pace) / source.batchRows);
      session.close();
    }
  });

  it('a change of pace or a pause costs or brings candles', async () => {
    const { session, clock, chart } = open({ pace: 10 });
    void consume(session, chart);
    await settle();
    await session.play();
    await clock.advance(1_000);
    expect(chart.opens).toHaveLength(10);
    await session.pause();
    await clock.advance(60_000);
    expect(chart.opens).toHaveLength(10);
    await session.setPace(50);
    await session.play();
    await clock.advance(1_000);
    expect(chart.opens).toHaveLength(60);
    session.close();
  });

  it('the end is not told, or comes late', async () => {
    const { session, clock, chart, states, source } = open({ bars: upTo(90), range: minutes(0, 100), pace: 100 });
    void consume(session, chart);
    await settle();
    await session.play();
    await clock.advance(900 + 16);
    expect(session.state).toMatchObject({ phase: 'ended', position: 90, total: 90, playhead: START + 100 * MINUTE });
    expect(states.at(-1)?.phase).toBe('ended');
    expect(session.state.outputHash).toBe(hashOf(source.candles, 90));
    await session.play();
    await clock.advance(7 * 16);
    expect(session.state).toMatchObject({ phase: 'playing', position: 11 });
    expect(chart.resets).toBe(2);
    session.close();
  });

  it('the end by steps is not told', async () => {
    const { session, chart } = open({ bars: upTo(3), range: minutes(0, 5) });
    void consume(session, chart);
    expect(await session.step(2)).toMatchObject({ phase: 'paused', position: 2, playhead: START + 2 * MINUTE });
    expect(await session.step(1)).toMatchObject({ phase: 'ended', position: 3, playhead: START + 5 * MINUTE });
    expect(await session.step(-1)).toMatchObject({ phase: 'paused', position: 2, outputHash: null });
    session.close();
  });

  it('something is read although nobody pulls', async () => {
    const { session, clock, source } = open({ bars: upTo(5_000), range: minutes(0, 5_000), pace: 'max' });
    const frames = session.frames()[Symbol.asyncIterator]();
    await frames.next();
    await session.play();
    await clock.advance(5_000);
    expect(source.reads).toBe(0);
    await frames.next();
    await clock.advance(5_000);
    expect(source.reads).toBe(1);
    expect(session.state.position).toBe(source.batchRows);
    session.close();
  });

  it('a consumer that slept is flooded', async () => {
    const { session, clock } = open({ bars: upTo(5_000), range: minutes(0, 5_000), pace: 10 });
    const frames = session.frames()[Symbol.asyncIterator]();
    await frames.next();
    await session.play();
    await clock.advance(100_000);
    for (let pull = 0; pull < 4; pull++) void frames.next();
    await clock.advance(100);
    expect(session.state.position).toBeLessThan(40);
    session.close();
  });

  it('the first frame lacks the candles before the range, or shows one of it', async () => {
    const { session, chart } = open({ range: minutes(50, 100), warmUp: 20 });
    void consume(session, chart);
    await settle();
    expect(chart.opens).toEqual(upTo(20).map((index) => START + (30 + index) * MINUTE));
    expect(session.state).toMatchObject({ phase: 'paused', position: 0, total: 50, playhead: START + 50 * MINUTE });
    session.close();
  });

  it('a window grows without bound', async () => {
    const { session, chart } = open({ bars: upTo(9_000), range: minutes(0, 9_000) });
    void consume(session, chart);
    await session.seek(START + 8_000 * MINUTE);
    await settle();
    expect(chart.opens).toHaveLength(MAX_WINDOW_CANDLES);
    expect(chart.opens.at(-1)).toBe(START + 7_999 * MINUTE);
    session.close();
  });

  it('a seek during load is lost, or an older seek wins', async () => {
    const { session, source, chart } = open();
    let release = (): void => {};
    source.gate = new Promise((resolve) => {
      release = resolve;
    });
    void consume(session, chart);
    expect(session.state.phase).toBe('loading');
    const first = session.seek(START + 10 * MINUTE);
    const second = session.seek(START + 20 * MINUTE);
    const third = session.step(2);
    release();
    await Promise.all([first, second, third]);
    expect(session.state).toMatchObject({ phase: 'paused', position: 22, total: 100 });
    await settle();
    expect(chart.opens).toHaveLength(22);
    session.close();
  });

  it('close waits for a source that hangs, or leaves a consumer or a reading behind', async () => {
    const { session, source, chart, clock, states } = open({ pace: 'max' });
    const consumed = consume(session, chart);
    await settle();
    source.gate = new Promise(() => {});
    await session.play();
    const seek = session.step(5);
    await clock.advance(100);
    session.close();
    await consumed;
    await seek;
    const told = states.length;
    source.gate = null;
    await session.play();
    await settle();
    expect(states).toHaveLength(told);
  });

  it('a closed session holds its reading open', async () => {
    const { session, source, chart, clock } = open({ pace: 10 });
    const consumed = consume(session, chart);
    await settle();
    await session.play();
    await clock.advance(500);
    session.close();
    await consumed;
    await settle();
    expect([source.opened, source.ended]).toEqual([1, 1]);
  });

  it('a consumer that leaves in a pause is not let go', async () => {
    const { session } = open();
    const frames = session.frames()[Symbol.asyncIterator]();
    await frames.next();
    const waiting = frames.next();
    await frames.return?.();
    expect(await waiting).toMatchObject({ done: true });
    session.close();
  });

  it('a new consumer misses what an old one got', async () => {
    const { session, clock, chart } = open();
    const old = consume(session, new Chart());
    await settle();
    await session.play();
    await clock.advance(1_000);
    void consume(session, chart);
    await old;
    await clock.advance(1_000);
    expect(chart.opens).toEqual(upTo(20).map((index) => START + index * MINUTE));
    session.close();
  });

  it('an error of the source vanishes, or cannot be tried again', async () => {
    const { session, source, clock, chart } = open({ pace: 10 });
    void consume(session, chart);
    await settle();
    await session.play();
    await clock.advance(500);
    source.failure = new Error('QuestDB is gone');
    await clock.advance(1_000);
    expect(session.state).toMatchObject({ phase: 'failed', detail: 'QuestDB is gone' });
    const { position } = session.state;
    source.failure = null;
    await session.play();
    await clock.advance(1_000);
    expect(session.state).toMatchObject({ phase: 'playing', position: position + 10 });
    expect(chart.opens).toEqual(upTo(position + 10).map((index) => START + index * MINUTE));
    expect(session.state.outputHash).toBe(hashOf(source.candles, position + 10));
    session.close();
  });

  it('a failed load leaves the session without its count', async () => {
    const { session, source } = open();
    source.failure = new Error('no table');
    expect(await session.step(1)).toMatchObject({ phase: 'failed', detail: 'no table' });
    source.failure = null;
    expect(await session.seek(START + MINUTE)).toMatchObject({ phase: 'paused', position: 1, total: 100 });
    session.close();
  });

  it('bars of a hole are not counted, or counted before they are crossed', async () => {
    const bars = [...upTo(10), ...upTo(10).map((bar) => bar + 15)];
    const hole = (from: number, to: number, verdict: Span['verdict']): Span => ({
      ...minutes(from, to),
      bars: to - from,
      verdict,
    });
    const spans = [
      hole(0, 10, 'present'),
      hole(10, 15, 'exchange_outage'),
      hole(15, 25, 'present'),
      hole(25, 30, 'not_asked'),
    ];
    const { session } = open({ bars, range: minutes(0, 30), spans });
    expect(await session.step(10)).toMatchObject({ barsSkipped: 0 });
    expect(await session.step(1)).toMatchObject({ barsSkipped: 5 });
    expect(await session.seek(START + 12 * MINUTE)).toMatchObject({ barsSkipped: 2, position: 10 });
    expect(await session.seek(START + 30 * MINUTE)).toMatchObject({ barsSkipped: 10, phase: 'ended' });
    session.close();
  });

  it.each<[Interval, number]>([
    ['1M', Date.UTC(2020, 0, 1)],
    ['1w', Date.UTC(2020, 0, 6)],
    ['3d', Date.UTC(2020, 0, 3)],
    ['1s', START],
  ])('a candle of %s is shown before it closed', async (interval, first) => {
    const bars = [0, 1, 2, 4, 5, 6, 7, 8];
    const last = interval === '1M' ? Date.UTC(2020, 9, 1) : first + 9 * intervalMs(interval);
    const { session, source, chart } = open({ interval, first, bars, range: { from: first, to: last } });
    void consume(session, chart);
    const { openTime } = source.candles;
    const close = (index: number): number =>
      interval === '1M' ? closeOf(gridOf('1M'), openTime[index]!) : openTime[index]! + intervalMs(interval);
    for (const index of bars.keys()) {
      expect(await session.seek(close(index) - 1)).toMatchObject({ position: index });
      expect(await session.seek(close(index))).toMatchObject({ position: index + 1 });
      await settle();
      expect(chart.opens.at(-1)).toBe(openTime[index]);
    }
    session.close();
  });

  it('any sequence of commands shows a candle before its close, loses one, or changes the hash', async () => {
    const command = fc.oneof(
      fc.record({ kind: fc.constant('play' as const) }),
      fc.record({ kind: fc.constant('pause' as const) }),
      fc.record({ kind: fc.constant('step' as const), by: fc.integer({ min: -20, max: 20 }) }),
      fc.record({ kind: fc.constant('seek' as const), to: fc.integer({ min: -5, max: 75 }) }),
      fc.record({ kind: fc.constant('pace' as const), pace: fc.constantFrom<ReplayPace>(1, 7, 100, 'max') }),
      fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: 0, max: 700 }) }),
      fc.record({ kind: fc.constant('again' as const) }),
    );
    const stored = fc
      .uniqueArray(fc.integer({ min: -10, max: 69 }), { minLength: 1 })
      .map((bars) => bars.sort((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(
        stored,
        fc.array(command, { maxLength: 14 }),
        fc.nat(6),
        fc.boolean(),
        async (bars, commands, warmUp, waits) => {
          const { session, source, clock, chart, states } = open({ bars, range: minutes(0, 60), warmUp });
          const { openTime } = source.candles;
          // A frame on its way cannot be called back by a seek, so the furthest playhead so far is what counts.
          const neverEarly = (): void => {
            const furthest = Math.max(session.state.playhead, ...states.map((state) => state.playhead));
            expect(chart.opens.every((at) => at + MINUTE <= furthest)).toBe(true);
          };
          void consume(session, chart, neverEarly);
          for (const each of commands) {
            let answer: Promise<unknown> = Promise.resolve();
            if (each.kind === 'play') answer = session.play();
            else if (each.kind === 'pause') answer = session.pause();
            else if (each.kind === 'step') answer = session.step(each.by);
            else if (each.kind === 'seek') answer = session.seek(START + each.to * MINUTE + 30_000);
            else if (each.kind === 'pace') answer = session.setPace(each.pace);
            else if (each.kind === 'again') void consume(session, chart, neverEarly);
            else await clock.advance(each.ms);
            if (waits) await answer;
          }
          await session.pause();
          await clock.advance(50);
          const { playhead, position, outputHash, phase } = session.state;
          expect(['paused', 'ended']).toContain(phase);
          const shown = bars
            .map((_, index) => openTime[index]!)
            .filter((at) => at + MINUTE <= playhead && at < START + 60 * MINUTE);
          const before = shown.filter((at) => at < START).length;
          expect(position).toBe(shown.length - before);
          expect(chart.opens).toEqual(shown.slice(Math.max(0, before - warmUp)));
          if (outputHash !== null) {
            const first = bars.filter((bar) => bar < 0).length;
            const inRange = { ...source.candles } as CandleColumns;
            for (const field of CANDLE_FIELDS) inRange[field] = source.candles[field].subarray(first);
            expect(outputHash).toBe(hashOf(inRange, position));
          } else expect(commands.some((each) => each.kind === 'seek' || each.kind === 'step')).toBe(true);
          session.close();
          await settle();
          expect(source.ended).toBe(source.opened);
        },
      ),
      { numRuns: 60 },
    );
  });
});
