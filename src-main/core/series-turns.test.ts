import { expect, it } from 'vitest';
import { SeriesTurns } from './series-turns';

const BTC = 'binance:spot:BTCUSDT:1m';
const ETH = 'binance:spot:ETHUSDT:1m';

/** Work that ends when it is told to. */
function work(log: string[], name: string) {
  let end: (error?: Error) => void = () => undefined;
  const ended = new Promise<string>((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve(name));
  });
  const run = async () => {
    log.push(`${name} begins`);
    return ended.finally(() => log.push(`${name} ends`));
  };
  return { run, end: (error?: Error) => end(error) };
}

it('two undoings of one series write its partitions at the same time, or a failure of one keeps the next for ever', async () => {
  const log: string[] = [];
  const turns = new SeriesTurns();
  const [one, two, other] = [work(log, 'one'), work(log, 'two'), work(log, 'other')];
  const first = turns.run(BTC, one.run);
  const second = turns.run(BTC, two.run);
  const elsewhere = turns.run(ETH, other.run);
  other.end();
  expect(await elsewhere).toBe('other');
  expect(log).toEqual(['one begins', 'other begins', 'other ends']);
  one.end(new Error('no database'));
  await expect(first).rejects.toThrow('no database');
  two.end();
  expect(await second).toBe('two');
  expect(log.slice(3)).toEqual(['one ends', 'two begins', 'two ends']);
});

it('an undo waits for the hours of an adoption, or goes on being refused behind it', async () => {
  const turns = new SeriesTurns();
  const adoption = work([], 'adoption');
  const running = turns.run(BTC, adoption.run, 'Rows are being adopted.');
  await expect(turns.run(BTC, async () => 'undone')).rejects.toMatchObject({
    code: 'usage.jobs_running',
    message: 'Rows are being adopted.',
  });
  adoption.end();
  await running;
  expect(await turns.run(BTC, async () => 'undone')).toBe('undone');
});
