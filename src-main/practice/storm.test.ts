import { describe, expect, it, vi } from 'vitest';
import type { FaultStorm, StormKind } from './storm';
import { at, exchangeAt } from './testing';

// Patience for busy cores; nothing here measures time.
vi.setConfig({ testTimeout: 90_000 });

async function open(storm: FaultStorm['storm']) {
  const { exchange } = await exchangeAt('2026-10-15 12:00:30', { faults: [{ storm }], weightLimit: 1e9 });
  const url = (day: number) =>
    `${exchange.restUrl}/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=24&startTime=${at('2024-05-05') + day * 86_400_000}`;
  /** What became of a request, in one word. */
  const fate = async (day: number) => {
    try {
      const answer = await fetch(url(day), { signal: AbortSignal.timeout(20_000) });
      const text = await answer.text();
      if (answer.status !== 200) return String(answer.status);
      return Array.isArray(JSON.parse(text)) ? 'rows' : 'other';
    } catch (error) {
      return error instanceof SyntaxError ? 'not json' : 'broken';
    }
  };
  return { exchange, url, fate };
}

describe('a storm', () => {
  it('strikes another share of requests, or not with all that it has', async () => {
    const { fate } = await open({ seed: 7, share: 0.3 });
    const fates: string[] = [];
    for (let day = 0; day < 300; day++) fates.push(await fate(day));
    const struck = fates.filter((each) => each !== 'rows');
    expect(struck.length).toBeGreaterThan(60);
    expect(struck.length).toBeLessThan(120);
    expect([...new Set(struck)].sort()).toEqual(['403', '500', '502', '503', '504', 'broken', 'not json']);
  });

  it('depends on the order of requests, strikes a repeated one for ever, or is the same under another seed', async () => {
    const days = Array.from({ length: 40 }, (_, i) => i);
    const first = await open({ seed: 7, share: 0.5 });
    const forward: string[] = [];
    for (const day of days) forward.push(await first.fate(day));
    const second = await open({ seed: 7, share: 0.5 });
    // Ports differ from one exchange to the next, paths do not.
    const together = await Promise.all([...days].reverse().map((day) => second.fate(day)));
    expect(together.reverse()).toEqual(forward);
    const again = await Promise.all(Array.from({ length: 30 }, () => first.fate(0)));
    expect(again).toContain('rows');
    const other = await open({ seed: 8, share: 0.5 });
    expect(await Promise.all(days.map((day) => other.fate(day)))).not.toEqual(forward);
  });

  it('of one kind is of another, or a rule of its own does not go before it', async () => {
    const only = async (kind: StormKind) => (await open({ seed: 1, share: 1, kinds: [kind] })).fate(0);
    expect(await only('timeout504')).toBe('504');
    // What is left of the text depends on who unpacks it.
    expect(['broken', 'not json']).toContain(await only('cut_gzip'));
    expect(await only('wrong_json')).toBe('not json');
    const { exchange, fate } = await open({ seed: 1, share: 1, kinds: ['error500'] });
    exchange.setFaults([
      { match: { kind: 'klines' }, effect: 'status', status: 451 },
      { storm: { seed: 1, share: 1 } },
    ]);
    expect(await fate(0)).toBe('451');
    exchange.setFaults([]);
    expect(await fate(0)).toBe('rows');
  });

  it('cannot be set from another program, or a wrong one can', async () => {
    const { exchange, fate } = await open({ seed: 1, share: 0 });
    const post = async (body: unknown) => {
      const answer = await fetch(`${exchange.restUrl}/practice/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return [answer.status, ((await answer.json()) as { error?: string }).error];
    };
    expect((await post([{ storm: { seed: 2, share: 1, kinds: ['busy503'] } }]))[0]).toBe(200);
    expect(await fate(0)).toBe('503');
    expect(await post([{ storm: { seed: 2, share: 2 } }])).toEqual([
      400,
      'A storm needs a whole "seed" and a "share" between 0 and 1.',
    ]);
    expect((await post([{ storm: { seed: 2, share: 1, kinds: ['hail'] } }]))[1]).toContain('"hail" is no weather');
    expect(await fate(1)).toBe('503');
  });
});
