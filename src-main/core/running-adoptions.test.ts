import { EventHub } from '@shared/rpc';
import { expect, it } from 'vitest';
import { RunningAdoptions } from './running-adoptions';

const BTC = 'binance:spot:BTCUSDT:1m';
const ETH = 'binance:spot:ETHUSDT:1m';

function start() {
  const events = new EventHub();
  const counts: unknown[] = [];
  events.subscribe((name, data) => counts.push([name, data]));
  const adoptions = new RunningAdoptions(events);
  const untilStopped = (stop: AbortSignal) =>
    new Promise<string>((resolve) => stop.addEventListener('abort', () => setImmediate(() => resolve('stopped'))));
  return { adoptions, counts, untilStopped };
}

it('stopping one series stops another, or nobody is told how many go on', async () => {
  const { adoptions, counts, untilStopped } = start();
  const btc = adoptions.run(BTC, untilStopped);
  const eth = adoptions.run(ETH, untilStopped);
  expect(adoptions.stop(BTC)).toBe(1);
  expect(await btc).toBe('stopped');
  expect(adoptions.stop(BTC)).toBe(0);
  expect(counts).toEqual([1, 2, 1].map((running) => ['adoption.count_changed', { running }]));
  expect(adoptions.stop()).toBe(1);
  await eth;
});

it('the core closes its database under an adoption, or waits for ever for one that has failed', async () => {
  const { adoptions, untilStopped } = start();
  let isStored = false;
  const one = adoptions.run(BTC, (stop) => untilStopped(stop).then(() => (isStored = true)));
  const other = adoptions.run(ETH, async (stop) => {
    await untilStopped(stop);
    throw new Error('no database');
  });
  const failed = expect(other).rejects.toThrow('no database');
  await adoptions.close();
  expect(isStored).toBe(true);
  await Promise.all([one, failed]);
});
