import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { launchPracticeExchange } from './launch';
import { exchangeAt, getJson } from './testing';

// Patience for busy cores; nothing here measures time.
vi.setConfig({ testTimeout: 90_000 });

describe('the practice exchange in a thread', () => {
  it('serves other answers than in this thread, or hides its counters, log and faults', async () => {
    const launched = await launchPracticeExchange({ seed: 3 });
    onTestFinished(() => launched.close());
    const { exchange } = await exchangeAt('2026-10-15', { seed: 3 });
    const query = '/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=1600000000000&limit=50';
    const apart = await getJson(`${launched.restUrl}${query}`);
    expect(apart.body).toEqual((await getJson(`${exchange.restUrl}${query}`)).body);
    await launched.setFaults([{ match: { kind: 'ping' }, effect: 'status', status: 500 }]);
    expect((await getJson(`${launched.restUrl}/api/v3/ping`)).status).toBe(500);
    expect(await launched.counters()).toMatchObject({ candleRequests: 1, requests: { ping: 1, klines: 1 } });
    expect((await launched.requestsLog()).map(({ status }) => status)).toEqual([200, 500]);
  });

  it('keeps serving after close, or a second close hangs', async () => {
    const launched = await launchPracticeExchange();
    await Promise.all([launched.close(), launched.close()]);
    expect(await launched.ended).toBeNull();
    await expect(fetch(`${launched.restUrl}/api/v3/ping`)).rejects.toThrow();
    await expect(launched.counters()).rejects.toMatchObject({ code: 'runtime.practice_ended' });
  });

  it('a failed start ends in another error than in this thread', async () => {
    await expect(launchPracticeExchange({ extraSymbols: ['foo'] })).rejects.toMatchObject({
      code: 'usage.practice_symbol',
    });
    const { exchange } = await exchangeAt('2026-10-15');
    const port = Number(new URL(exchange.restUrl).port);
    await expect(launchPracticeExchange({ port })).rejects.toMatchObject({ code: 'exchange.practice_port' });
  });

  it('listens to other machines than this one', async () => {
    const { exchange } = await exchangeAt('2026-10-15');
    for (const url of [exchange.restUrl, exchange.archiveUrl, exchange.archiveListUrl, exchange.streamUrl])
      expect(new URL(url).hostname).toBe('127.0.0.1');
  });
});
