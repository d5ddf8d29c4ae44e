import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from './manual-clock';
import { WeightLimiter } from './weight-limiter';

const MINUTE = 60_000;
/** Ten seconds into a minute. */
const START = Date.UTC(2024, 0, 1) + 10_000;

function limiterOf(options: { limitPerMinute?: number; share?: number; maxWaitMs?: number } = {}) {
  const clock = new ManualClock(START);
  const limiter = new WeightLimiter({
    limitPerMinute: 100,
    share: 0.5,
    now: clock.now,
    sleep: clock.sleep,
    ...options,
  });
  return { clock, limiter };
}

const minuteOf = (time: number) => Math.floor(time / MINUTE);

describe('budget', () => {
  it('no minute takes more than its share of the limit, whatever is asked in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 60 }), async (weights) => {
        const { clock, limiter } = limiterOf();
        const spent = new Map<number, number>();
        await Promise.all(
          weights.map(async (weight) => {
            await limiter.acquire(weight);
            const minute = minuteOf(clock.time);
            spent.set(minute, (spent.get(minute) ?? 0) + weight);
          }),
        );
        for (const used of spent.values()) expect(used).toBeLessThanOrEqual(50);
        expect([...spent.values()].reduce((sum, used) => sum + used, 0)).toBe(weights.reduce((sum, w) => sum + w, 0));
      }),
    );
  });

  it('whoever asked first is served first, also when a later one would fit', async () => {
    const { limiter } = limiterOf();
    const served: string[] = [];
    const ask = (name: string, weight: number) => limiter.acquire(weight).then(() => served.push(name));
    await Promise.all([ask('a', 40), ask('big', 20), ask('small', 1)]);
    expect(served).toEqual(['a', 'big', 'small']);
  });

  it('a request heavier than the whole share is not starved', async () => {
    const { clock, limiter } = limiterOf({ limitPerMinute: 20 });
    await limiter.acquire(5);
    await limiter.acquire(20);
    expect(minuteOf(clock.time)).toBe(minuteOf(START) + 1);
  });

  it("the exchange's counter counts when it is larger, because others use the address too", async () => {
    const { clock, limiter } = limiterOf();
    await limiter.acquire(2);
    limiter.observe({ 'x-mbx-used-weight-1m': '49' }, 200);
    expect(limiter.snapshot().used).toBe(49);
    await limiter.acquire(2);
    expect(minuteOf(clock.time)).toBe(minuteOf(START) + 1);
    expect(limiter.snapshot().used).toBe(2);
  });

  it('the own tally counts when it is larger, because answers to requests under way come later', async () => {
    const { limiter } = limiterOf();
    await Promise.all([limiter.acquire(20), limiter.acquire(20)]);
    limiter.observe({ 'x-mbx-used-weight': '20' }, 200);
    expect(limiter.snapshot().used).toBe(40);
  });

  it('a counter of the minute before does not use up the new minute', () => {
    const { clock, limiter } = limiterOf();
    const sentAt = clock.time;
    clock.time += MINUTE;
    limiter.observe({ 'x-mbx-used-weight-1m': '50' }, 200, sentAt);
    expect(limiter.snapshot().used).toBe(0);
  });

  it("a clock that is ahead of the exchange's gives a whole minute away, or spends one twice", async () => {
    const { clock, limiter } = limiterOf();
    /** The exchange's minute turns so much later than ours, and its counter is true. */
    const late = 900;
    let minute = minuteOf(clock.time - late);
    const spent = [0];
    const ask = async () => {
      await limiter.acquire(10);
      const sentAt = clock.time;
      const now = minuteOf(clock.time - late);
      if (now > minute) spent.push(0);
      minute = now;
      spent[spent.length - 1]! += 10;
      clock.time += 50;
      limiter.observe({ 'x-mbx-used-weight-1m': `${spent.at(-1)}` }, 200, sentAt);
    };
    for (let n = 0; n < 25; n++) await ask();
    // Two requests too many tell how late; then minutes turn when the exchange's do.
    expect(spent.slice(0, 4)).toEqual([70, 50, 50, 50]);
    expect(clock.time - START).toBeLessThan(5 * MINUTE);
  });

  it('what others use up at once in a new minute is taken for the old one for longer than some moments', async () => {
    const { clock, limiter } = limiterOf();
    await limiter.acquire(50);
    for (let n = 0; n < 3; n++) {
      await limiter.acquire(1);
      const sentAt = clock.time;
      clock.time += 50;
      limiter.observe({ 'x-mbx-used-weight-1m': '90' }, 200, sentAt);
    }
    await limiter.acquire(1);
    // They were seen in this minute, and so it was left to them.
    expect(minuteOf(clock.time)).toBeGreaterThanOrEqual(minuteOf(START) + 2);
  });

  it("minutes turn by the exchange's clock, not by this machine's", async () => {
    const { clock, limiter } = limiterOf();
    limiter.setClockOffset(-30_000);
    await limiter.acquire(50);
    await limiter.acquire(1);
    // 20 s before the exchange's minute turned, this machine's had turned already.
    expect(clock.time - START).toBeGreaterThanOrEqual(20_000);
    expect(clock.time - START).toBeLessThan(22_000);
  });

  it('a higher limit frees those who wait', async () => {
    const { limiter } = limiterOf();
    await limiter.acquire(50);
    const waiting = limiter.acquire(50);
    limiter.setLimit(6000);
    await waiting;
    expect(limiter.snapshot()).toEqual({
      used: 100,
      limit: 6000,
      blockedUntil: null,
      blockedBecause: null,
      waiting: 0,
      nextAt: null,
    });
  });

  it.each([0, -1, 1.01, Number.NaN])('a share of %s is refused', (share) => {
    expect(() => limiterOf({ share })).toThrow(expect.objectContaining({ code: 'usage.bad_weight_share' }));
  });
});

describe('blocks', () => {
  it.each([
    ['429 with Retry-After', { 'retry-after': '7' }, 429, 7_000],
    ['429 without it, until the minute is over', {}, 429, 50_000],
    ['418 with Retry-After', { 'retry-after': '200' }, 418, 200_000],
    ['418 without it', {}, 418, 120_000],
    ['an HTTP date', { 'retry-after': new Date(START + 30_000).toUTCString() }, 429, 30_000],
  ])('after %s nobody is let through too early', async (_, headers, status, wait) => {
    const { clock, limiter } = limiterOf();
    limiter.observe(headers, status);
    const granted: number[] = [];
    await Promise.all([1, 2].map(() => limiter.acquire(1).then(() => granted.push(clock.time - START))));
    expect(Math.min(...granted)).toBeGreaterThanOrEqual(wait);
    expect(Math.max(...granted)).toBeLessThan(wait + 1_000);
  });

  it('a shorter block does not shorten a longer one', () => {
    const { limiter } = limiterOf();
    limiter.block(START + 60_000);
    limiter.observe({ 'retry-after': '1' }, 429);
    expect(limiter.snapshot().blockedUntil).toBe(START + 60_000);
  });

  it('says nothing of why it is blocked, the cause of a shorter block, or forgets the cause over a restart', () => {
    const { limiter, clock } = limiterOf();
    limiter.observe({ 'retry-after': '30' }, 418);
    limiter.observe({ 'retry-after': '1' }, 429);
    const ban = limiter.snapshot().blockedBecause;
    expect(ban).toMatch(/banned .*\(418\); nothing is sent until \d{4}-\d\d-\d\d .* UTC\.$/);
    const { limiter: next } = limiterOf();
    next.restore(JSON.parse(JSON.stringify(limiter.state())));
    expect(next.snapshot().blockedBecause).toBe(ban);
    limiter.blockFor(90_000, 'firewall');
    expect(limiter.snapshot().blockedBecause).toMatch(/\(403\)/);
    clock.time += 90_000;
    expect(limiter.snapshot().blockedBecause).toBeNull();
    expect(limiter.state()).not.toHaveProperty('blockCause');
    limiter.observe({ 'retry-after': '5' }, 429);
    expect(limiter.snapshot().blockedBecause).toMatch(/\(429\)/);
  });

  it('a ban of days is an error at once, not a wait of days', async () => {
    const { clock, limiter } = limiterOf();
    const waiting = limiter.acquire(1).then(() => limiter.acquire(50));
    limiter.block(START + 3 * 86_400_000);
    await expect(waiting).rejects.toMatchObject({ code: 'exchange.banned' });
    expect(clock.sleeps).toEqual([]);
  });
});

describe('memory', () => {
  it('what is left of the minute is not spent twice after a restart', async () => {
    const { limiter: first } = limiterOf();
    await first.acquire(40);
    const { limiter, clock } = limiterOf();
    limiter.restore(JSON.parse(JSON.stringify(first.state())));
    await limiter.acquire(20);
    expect(minuteOf(clock.time)).toBe(minuteOf(START) + 1);
  });

  it('an earlier minute and a ban that is over are forgotten', async () => {
    const { limiter: first } = limiterOf();
    await first.acquire(40);
    first.block(START + 20_000);
    const { limiter, clock } = limiterOf();
    clock.time += MINUTE;
    limiter.restore(first.state());
    expect(limiter.snapshot()).toMatchObject({ used: 0, blockedUntil: null });
  });

  it('times mean the same before the clock is asked again', async () => {
    const { limiter: first } = limiterOf();
    first.setClockOffset(-3_600_000);
    first.blockFor(90_000);
    const { limiter, clock } = limiterOf();
    limiter.restore(first.state());
    await limiter.acquire(1);
    expect(clock.time).toBe(START + 90_000);
  });

  it('restoring makes nothing laxer', async () => {
    const { limiter } = limiterOf();
    await limiter.acquire(30);
    limiter.block(START + 90_000);
    limiter.restore({ blockedUntil: null, minute: START, used: 1, clockOffsetMs: 0 });
    expect(limiter.snapshot()).toMatchObject({ used: 30, blockedUntil: START + 90_000 });
  });

  it('a remembered ban of years, of a wrong clock, is cut to the longest that there is', () => {
    const { limiter } = limiterOf();
    limiter.restore({ blockedUntil: START + 1e12, minute: 0, used: 0, clockOffsetMs: 0 });
    expect(limiter.snapshot().blockedUntil).toBe(START + 3 * 86_400_000);
  });
});

describe('requests', () => {
  const FIVE_MINUTES = 5 * MINUTE;

  it('no five minutes see more requests than their share, whatever the pauses between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(120_000), { maxLength: 40 }), async (pauses) => {
        const { clock, limiter } = limiterOf({ limitPerMinute: 1_000_000 });
        limiter.setRequestLimit({ requests: 10, windowMs: FIVE_MINUTES });
        const sent: number[] = [];
        for (const pause of pauses) {
          clock.time += pause;
          await limiter.acquire(1);
          sent.push(clock.time);
        }
        for (const at of sent) {
          expect(sent.filter((other) => other > at - FIVE_MINUTES && other <= at).length).toBeLessThanOrEqual(5);
        }
      }),
    );
  });

  it('the same limit told again does not forget what was sent, and a lifted one frees those who wait', async () => {
    const { clock, limiter } = limiterOf();
    limiter.setRequestLimit({ requests: 4, windowMs: FIVE_MINUTES });
    await limiter.acquire(1);
    await limiter.acquire(1);
    limiter.setRequestLimit({ requests: 4, windowMs: FIVE_MINUTES });
    const waiting = limiter.acquire(1);
    expect(limiter.snapshot()).toMatchObject({ waiting: 1 });
    limiter.setRequestLimit(null);
    await waiting;
    expect(clock.time).toBe(START);
  });

  it('a clock that was set back by a day does not stop everything for a day', async () => {
    const { clock, limiter } = limiterOf();
    limiter.setRequestLimit({ requests: 4, windowMs: FIVE_MINUTES });
    await limiter.acquire(1);
    await limiter.acquire(1);
    clock.time -= 86_400_000;
    const before = clock.time;
    await limiter.acquire(1);
    expect(clock.time - before).toBeLessThanOrEqual(FIVE_MINUTES + 1_000);
  });
});

describe('gauge', () => {
  it('tells how many wait, and when the first of them goes', async () => {
    const { limiter, clock } = limiterOf();
    await limiter.acquire(50);
    expect(limiter.snapshot()).toMatchObject({ waiting: 0, nextAt: null });
    const heard: number[] = [];
    limiter.onChange(({ waiting }) => heard.push(waiting));
    const all = Promise.all([limiter.acquire(30), limiter.acquire(5)]);
    const { waiting, nextAt } = limiter.snapshot();
    expect(waiting).toBe(2);
    await all;
    expect(clock.time).toBe(nextAt);
    expect(limiter.snapshot()).toMatchObject({ waiting: 0, nextAt: null });
    expect(heard).toContain(2);
  });
});

describe('abort', () => {
  it('one who gives up is gone from the queue, and the others go on', async () => {
    const { limiter } = limiterOf();
    await limiter.acquire(50);
    const stop = new AbortController();
    const first = limiter.acquire(50, stop.signal);
    const second = limiter.acquire(3);
    stop.abort(new Error('stopped'));
    await expect(first).rejects.toThrow('stopped');
    await second;
    expect(limiter.snapshot().used).toBe(3);
  });

  it('an aborted signal never takes weight', async () => {
    const { limiter } = limiterOf();
    await expect(limiter.acquire(1, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    expect(limiter.snapshot().used).toBe(0);
  });
});

it('listeners hear of use and blocks until they unsubscribe', async () => {
  const { limiter } = limiterOf();
  const heard: (number | null)[][] = [];
  const stop = limiter.onChange(({ used, blockedUntil }) => heard.push([used, blockedUntil]));
  await limiter.acquire(3);
  limiter.block(START + 1_000);
  stop();
  limiter.setLimit(1);
  expect(heard).toEqual([
    [3, null],
    [3, START + 1_000],
  ]);
});
