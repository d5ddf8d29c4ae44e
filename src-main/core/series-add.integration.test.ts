import type { Events } from '@shared/contract';
import { INTERVALS, type Interval } from '@shared/market';
import { expect, it } from 'vitest';
import { environmentOf } from '../practice';
import { createCore } from './core';
import { startTestBench } from './testing';

const CONTEXT = { signal: new AbortController().signal };

it('hundreds of series are added without a word, or come without those that only the archive knows', async () => {
  const bench = await startTestBench();
  const { practice, workspace } = bench;
  const core = createCore({
    workspace,
    version: '0',
    flags: {},
    env: {
      ...environmentOf(practice),
      TAPEMEND_PRACTICE: '0',
    },
  });
  try {
    await core.start();
    await core.ready();
    const told: Events['series.add_progressed'][] = [];
    core.events.subscribe((name, data) => {
      if (name === 'series.add_progressed') told.push(data as Events['series.add_progressed']);
    });
    const market = 'spot';
    const universe = await core.requests['universe.list']({ market }, CONTEXT);
    const gone = universe.symbols.filter(({ status }) => status === 'GONE').map(({ symbol }) => symbol);
    expect(gone).toContain('NANOUSDT');
    const listed = universe.symbols.filter(({ status }) => status === 'TRADING').slice(0, 40);
    const symbols = [...gone, ...listed.map(({ symbol }) => symbol)];
    const intervals = INTERVALS.filter((interval) => interval !== '1s').slice(0, 10) as Interval[];
    const { series } = await core.requests['series.add']({ market, symbols, intervals, aggTrades: false }, CONTEXT);
    const total = symbols.length * intervals.length;
    expect(series).toHaveLength(total);
    expect(told.map(({ done }) => done)).toEqual([200, 400, total]);
    expect(told.every((each) => each.total === total)).toBe(true);
    expect(series.find(({ symbol }) => symbol === gone[0])!.listedAt).not.toBeNull();
  } finally {
    await core.stop();
    await bench.close();
  }
});
