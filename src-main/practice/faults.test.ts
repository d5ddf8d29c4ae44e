import { describe, expect, it, vi } from 'vitest';
import type { AnswerEffect, ContentEffect, FaultRule } from './fault-rules';
import { at, exchangeAt, getBytes, getJson, type Row, unzip } from './testing';

// Patience for busy cores; nothing here measures time.
vi.setConfig({ testTimeout: 90_000 });

const ZIP = 'data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h-2024-05-05.zip';

async function open(faults: readonly FaultRule[] = [], latencyMs = 0) {
  const { exchange, clock } = await exchangeAt('2026-10-15 12:00:30', { faults, latencyMs });
  const klines = `${exchange.restUrl}/api/v3/klines?symbol=BTCUSDT&interval=1h&startTime=${at('2024-05-05')}&limit=24`;
  const zip = `${exchange.archiveUrl}/${ZIP}`;
  const csv = async () => (await unzip((await getBytes(zip)).body))[0]!.content.toString();
  return { exchange, clock, klines, zip, csv };
}

const on = (kind: FaultRule['match']['kind'], effect: AnswerEffect | ContentEffect, more: Partial<FaultRule> = {}) =>
  ({ match: { kind }, effect, ...more }) as FaultRule;

describe('faults of an answer', () => {
  it('a status comes with another body than the real one', async () => {
    const { exchange, klines, zip, clock } = await open();
    const rest = async (status: number, more: Partial<FaultRule> = {}) => {
      exchange.setFaults([on('klines', 'status', { status, ...more })]);
      const answer = await fetch(klines);
      return { answer, text: await answer.text() };
    };
    for (const [status, code] of [
      [500, -1000],
      [503, -1008],
      [504, -1007],
      [429, -1003],
    ] as const) {
      const { answer, text } = await rest(status);
      expect([answer.status, JSON.parse(text).code]).toEqual([status, code]);
      expect(answer.headers.get('x-mbx-used-weight-1m')).not.toBeNull();
    }
    for (const status of [502, 403]) {
      const { answer, text } = await rest(status);
      expect([answer.status, answer.headers.get('content-type'), text.slice(0, 6)]).toEqual([
        status,
        'text/html',
        '<html>',
      ]);
      expect(answer.headers.get('x-mbx-used-weight-1m')).toBeNull();
    }
    const blocked = await rest(451);
    expect(JSON.parse(blocked.text)).toMatchObject({ code: 0, msg: expect.stringContaining('restricted location') });
    const banned = await rest(418, { retryAfter: 240 });
    expect(banned.answer.headers.get('retry-after')).toBe('240');
    expect(JSON.parse(banned.text).msg).toContain(`IP banned until ${clock.now + 240_000}`);
    for (const [status, code] of [
      [403, 'AccessDenied'],
      [503, 'SlowDown'],
      [404, 'NoSuchKey'],
    ] as const) {
      exchange.setFaults([on('archive', 'status', { status })]);
      const { status: got, body } = await getBytes(zip);
      expect([got, body.toString()]).toEqual([status, expect.stringContaining(`<Code>${code}</Code>`)]);
    }
  });

  it('a broken transport looks like an answer', async () => {
    const { exchange, klines } = await open();
    for (const effect of ['reset', 'cut_body', 'broken_gzip'] as const) {
      exchange.setFaults([on('klines', effect, { times: 1 })]);
      await expect(fetch(klines).then((answer) => answer.text())).rejects.toThrow();
      expect((await getJson<Row[]>(klines)).body).toHaveLength(24);
    }
    exchange.setFaults([on('klines', 'hang')]);
    const gone = new AbortController();
    const hanging = fetch(klines, { signal: gone.signal });
    await expect.poll(() => exchange.counters().requests.klines, { timeout: 15_000 }).toBe(7);
    gone.abort();
    await expect(hanging).rejects.toThrow();
  });

  it('a hanging request keeps the exchange from closing', async () => {
    const { exchange, klines } = await open([on('klines', 'hang')]);
    const hanging = fetch(klines).catch(() => 'ended');
    await expect.poll(() => exchange.counters().requests.klines, { timeout: 15_000 }).toBe(1);
    await exchange.close();
    expect(await hanging).toBe('ended');
  });

  it('a body that is no rows looks like rows', async () => {
    const { exchange, klines } = await open();
    exchange.setFaults([on('klines', 'wrong_json')]);
    await expect(getJson(klines)).rejects.toThrow(SyntaxError);
    exchange.setFaults([on('klines', 'html_body')]);
    expect((await getBytes(klines)).body.toString()).toContain('<html>');
    exchange.setFaults([on('klines', 'missing')]);
    expect((await getJson(klines)).body).toEqual([]);
  });

  it('a spoilt file or checksum is whole', async () => {
    const { exchange, zip } = await open();
    const whole = (await getBytes(zip)).body;
    const sum = (await getBytes(`${zip}.CHECKSUM`)).body.toString();
    const spoilt = async (rule: FaultRule, path = zip) => {
      exchange.setFaults([rule]);
      return getBytes(path);
    };
    expect(
      (await spoilt(on('archive', 'truncated_zip'))).body.equals(whole.subarray(0, Math.floor(whole.length * 0.6))),
    ).toBe(true);
    expect((await spoilt(on('archive', 'not_a_zip'))).body.toString()).toBe('this is no zip');
    expect((await spoilt(on('archive', 'missing'))).status).toBe(404);
    expect((await spoilt(on('checksum', 'bad_checksum'), `${zip}.CHECKSUM`)).body.toString()).toMatch(/^f{64} /);
    expect((await spoilt(on('checksum', 'checksum_newline'), `${zip}.CHECKSUM`)).body.toString()).toBe(`${sum}\n`);
  });
});

describe('faults of rows', () => {
  it('an effect on rows changes nothing, or something else', async () => {
    const { exchange, klines, csv } = await open();
    const plain = (await csv()).trimEnd().split('\n');
    const opens = (lines: readonly string[]) => lines.map((line) => Number(line.split(',')[0]));
    const spoilt = async (effect: ContentEffect, more: Partial<FaultRule> = {}) => {
      exchange.setFaults([on('archive', effect, more)]);
      return (await csv()).trimEnd().split('\n');
    };
    expect(await spoilt('duplicate_rows')).toEqual([...plain.slice(0, 13), ...plain.slice(12)]);
    const conflict = await spoilt('conflicting_rows');
    expect([conflict.length, opens(conflict)[12], conflict[12] === conflict[13]]).toEqual([
      25,
      opens(plain)[12],
      false,
    ]);
    expect(await spoilt('unsorted_rows')).toEqual([...plain.slice(12), ...plain.slice(0, 12)]);
    expect((await spoilt('malformed_row'))[12]!.split(',')).toHaveLength(5);
    expect((await spoilt('not_a_number'))[12]!.split(',')[4]).toBe('NaN');
    const [, , high] = (await spoilt('ohlc_violation'))[12]!.split(',');
    expect(Number(high)).toBeLessThan(Number(plain[12]!.split(',')[3]));
    expect(opens(await spoilt('off_grid_row'))[12]).toBe(opens(plain)[12]! + 20_799);
    expect((await spoilt('long_decimals'))[12]!.split(',')[7]).toMatch(/^\d{14}\.\d{8}$/);
    expect(await spoilt('truncated_day')).toEqual(plain.slice(0, 12));
    expect(await spoilt('lacks_day')).toEqual([...plain.slice(0, 8), ...plain.slice(16)]);
    expect(await spoilt('lacks_day', { day: '2024-05-05' })).toEqual(['']);
    expect(await spoilt('empty_file')).toEqual(['']);
    expect((await spoilt('header_row'))[0]).toMatch(/^open_time,open,high/);
    exchange.setFaults([on('klines', 'duplicate_rows', { times: 1 })]);
    expect((await getJson<Row[]>(klines)).body).toHaveLength(25);
    expect((await getJson<Row[]>(klines)).body).toHaveLength(24);
  });

  it('a file changes between its CHECKSUM and its zip, except when the CHECKSUM is stale', async () => {
    const { exchange, zip } = await open();
    const told = async () => (await getBytes(`${zip}.CHECKSUM`)).body.toString().slice(0, 64);
    const plain = await told();
    const etag = async () => (await fetch(zip, { method: 'HEAD' })).headers.get('etag');
    const plainTag = await etag();
    const seen = new Set([plain]);
    for (const effect of ['duplicate_rows', 'lacks_day', 'rewritten', 'stale_checksum'] as const) {
      exchange.setFaults([on('archive', effect, { times: 1 })]);
      const checksum = await told();
      const digest = await sha256(await (await fetch(zip)).arrayBuffer());
      expect([effect, digest === checksum]).toEqual([effect, effect !== 'stale_checksum']);
      expect([effect, (await etag()) === plainTag]).toEqual([effect, false]);
      if (effect !== 'stale_checksum') expect(seen.has(checksum)).toBe(false);
      else expect(checksum).toBe(plain);
      seen.add(checksum);
    }
  });
});

async function sha256(bytes: ArrayBuffer): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}

describe('fault rules', () => {
  it('strike another request than they name, or more often', async () => {
    const { exchange, klines, zip } = await open([
      { match: { kind: 'klines', symbol: 'ETHUSDT' }, effect: 'status', status: 500 },
      { match: { path: '/api/v3/ti' }, effect: 'status', status: 500, times: 2 },
      { match: { file: 'BTCUSDT-1h-2024-05-06.zip' }, effect: 'missing' },
    ]);
    const status = async (url: string) => (await getBytes(url)).status;
    expect([await status(klines), await status(klines.replace('BTC', 'ETH'))]).toEqual([200, 500]);
    const time = `${exchange.restUrl}/api/v3/time`;
    expect([await status(time), await status(time), await status(time)]).toEqual([500, 500, 200]);
    expect([await status(zip), await status(zip.replace('05-05', '05-06'))]).toEqual([200, 404]);
  });

  it('a probability is not kept, or not the same each time', async () => {
    const run = async () => {
      const { exchange } = await open([{ match: { kind: 'ping' }, effect: 'status', status: 500, probability: 0.3 }]);
      const statuses: number[] = [];
      for (let i = 0; i < 200; i++) statuses.push((await getBytes(`${exchange.restUrl}/api/v3/ping`)).status);
      return statuses;
    };
    const first = await run();
    const struck = first.filter((status) => status === 500).length;
    expect(struck).toBeGreaterThan(35);
    expect(struck).toBeLessThan(85);
    expect(await run()).toEqual(first);
  });

  it('rules and counters of a running exchange cannot be reached from another program, or can from a web page', async () => {
    const { exchange } = await open();
    const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
      fetch(`${exchange.restUrl}/practice/faults`, { method: 'POST', body, headers });
    const set = await post(JSON.stringify([on('ping', 'status', { status: 502 })]));
    expect([set.status, await set.json()]).toEqual([200, { rules: 1 }]);
    expect((await getBytes(`${exchange.restUrl}/api/v3/ping`)).status).toBe(502);
    const counters = await getJson<{ requests: { ping: number } }>(`${exchange.restUrl}/practice/counters`);
    expect(counters.body.requests.ping).toBe(1);
    const log = await getJson<{ path: string; status: number }[]>(`${exchange.restUrl}/practice/requests`);
    expect(log.body.map(({ path, status }) => [path, status])).toEqual([['/api/v3/ping', 502]]);
    expect((await post('[]', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post('[{')).status).toBe(400);
    const wrong = await post(JSON.stringify([{ match: {}, effect: 'explode' }]));
    expect([wrong.status, ((await wrong.json()) as { error: string }).error]).toEqual([
      400,
      expect.stringContaining('"explode" is no effect; use one of status, hang'),
    ]);
    expect((await getBytes(`${exchange.restUrl}/api/v3/ping`)).status).toBe(502);
  });

  it('an answer is not held back, others are held back with it, or it outlives the exchange', async () => {
    for (const [rules, latencyMs] of [
      [[on('ping', 'slow', { delayMs: 3_600_000 })], 0],
      [[], 3_600_000],
    ] as const) {
      const { exchange } = await open(rules, latencyMs);
      const slow = fetch(`${exchange.restUrl}/api/v3/ping`).catch(() => 'ended');
      await expect.poll(() => exchange.counters().requests.ping, { timeout: 15_000 }).toBe(1);
      if (latencyMs === 0) expect((await getBytes(`${exchange.restUrl}/api/v3/time`)).status).toBe(200);
      await exchange.close();
      expect(await slow).toBe('ended');
    }
  });
});
