import { AppError } from '@shared/contract';
import { seriesKey } from '@shared/market';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from './arguments';
import { exitCodeOf } from './exit-code';

function refusal(...args: string[]): string {
  try {
    parseCommandLine(args);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect(exitCodeOf(error)).toBe(2);
    return (error as AppError).message;
  }
  throw new Error(`accepted: ${args.join(' ')}`);
}

const RANGE = ['--from', '2024-01-01', '--to', '2024-01-02'];

describe('command line', () => {
  it('reads symbols times intervals, each series once', () => {
    const parsed = parseCommandLine([
      'backfill',
      'BTCUSDT',
      'ETHUSDT',
      'BTCUSDT',
      '--interval',
      '1m,1h',
      '--interval',
      '1h',
      ...RANGE,
    ]);
    if (parsed.command !== 'backfill') throw new Error(parsed.command);
    expect(parsed.series.map(seriesKey)).toEqual([
      'binance:spot:BTCUSDT:1m',
      'binance:spot:BTCUSDT:1h',
      'binance:spot:ETHUSDT:1m',
      'binance:spot:ETHUSDT:1h',
    ]);
    expect(parsed.range).toEqual({ from: Date.UTC(2024, 0, 1), to: Date.UTC(2024, 0, 2) });
    expect(parsed.source).toBe('auto');
  });

  it('a port for metrics is read where work takes long, and is none unless asked for', () => {
    const backfill = ['backfill', 'BTCUSDT', '--interval', '1m', ...RANGE];
    expect(parseCommandLine([...backfill, '--metrics-port', '9465'])).toMatchObject({ metricsPort: 9465 });
    expect(parseCommandLine(backfill)).toMatchObject({ metricsPort: null });
    expect(parseCommandLine(['serve', '--metrics-port', '9465'])).toMatchObject({ metricsPort: 9465 });
  });

  it('coverage takes symbols, keys, or nothing', () => {
    const byKey = parseCommandLine(['coverage', 'binance:spot:BTCUSDT:1M', '--json']);
    expect(byKey).toMatchObject({ series: [{ symbol: 'BTCUSDT', interval: '1M' }], common: { json: true } });
    expect(parseCommandLine(['coverage'])).toMatchObject({ series: null, symbols: [], range: null });
    expect(parseCommandLine(['coverage', 'BTCUSDT'])).toMatchObject({ series: null, symbols: ['BTCUSDT'] });
  });

  it.each([
    [['frobnicate'], 'no command'],
    [['backfill', ...RANGE, '--interval', '1m'], 'at least one symbol'],
    [['backfill', 'BTCUSDT', ...RANGE], 'needs --interval'],
    [['backfill', 'BTCUSDT', '--interval', '7m', ...RANGE], '"7m" is no interval'],
    [['backfill', 'btcusdt', '--interval', '1m', ...RANGE], '"btcusdt" is no symbol'],
    [['backfill', 'BTCUSDT', '--interval', '1m'], 'needs --from and --to'],
    [
      ['backfill', 'BTCUSDT', '--interval', '1m', '--from', '2024-01-02', '--to', '2024-01-01'],
      'ends (2024-01-01) before it starts',
    ],
    [
      ['backfill', 'BTCUSDT', '--interval', '1m', '--from', '2024-02-30', '--to', '2024-03-01'],
      '--from is "2024-02-30"',
    ],
    [['backfill', 'BTCUSDT', '--interval', '1m', ...RANGE, '--market', 'nasdaq'], '"nasdaq" is no market'],
    [['backfill', 'BTCUSDT', '--interval', '1m', ...RANGE, '--source', 'magic'], '"magic" is no source'],
    [['backfill', 'BTCUSDT', '--interval', '1m', ...RANGE, '--speed', '9'], '--speed'],
    [['serve', '--port', '99999'], '--port is "99999"'],
    [['serve', '--metrics-port', '0'], '--metrics-port is "0"'],
    [['plan', 'BTCUSDT', '--interval', '1m', ...RANGE, '--metrics-port', '9464'], '--metrics-port'],
    [['status', 'now'], 'takes no "now"'],
    [['backfill', 'BTCUSDT', '--interval', '1s', ...RANGE, '--market', 'um'], 'no 1s candles of USD-M'],
    [
      ['backfill', 'BTCUSDT', '--interval', '1m', ...RANGE, '--kind', 'aggTrade'],
      '--kind aggTrade takes no --interval',
    ],
    [['coverage', 'BTCUSDT', '--interval', '1m', '--kind', 'aggTrade'], '--kind aggTrade takes no --interval'],
    [['backfill', 'BTCUSDT', ...RANGE, '--kind', 'trade'], 'aggregate trades are, as --kind aggTrade'],
    [['plan', 'BTCUSDT', ...RANGE, '--kind', 'ticker'], '"ticker" is no kind'],
    [['plan', 'BTCUSDT', ...RANGE, '--kind', 'kline'], 'needs --interval'],
    [['jobs', 'stop', '1'], 'takes no "stop"'],
    [['jobs', 'pause'], 'pause needs one job'],
    [['jobs', 'pause', 'a', 'b'], 'pause needs one job'],
    [['coverage', '--progress', 'loud'], '--progress is "loud"'],
    [['findings', 'forget'], 'not "forget"'],
    [['findings', '--state', 'old'], '"old" is no state'],
    [['findings', '--reason', 'so'], '--reason belongs to'],
    [['findings', 'accept'], 'accept needs one ID'],
    [['findings', 'accept', 'abcdef', '123456'], 'accept needs one ID'],
    [['findings', 'reingest', 'xyz'], '"xyz" is no ID'],
    [['findings', 'reopen', 'abcdef', '--reason', 'so'], 'not to reopen'],
    [['findings', 'accept', 'abcdef', '--reason', ' '], '--reason is empty'],
    [['findings', 'accept', 'abcdef', '--state', 'new'], '--state belongs to the list'],
    [['archives'], 'needs check'],
    [['archives', 'clean'], 'takes no "clean"'],
    [['archives', 'check', 'btcusdt'], '"btcusdt" is no symbol'],
    [['undo', 'a', 'b'], 'takes one job'],
    [['undo', '--series', 'binance:spot:BTCUSDT:1m'], '--series needs a job'],
    [['undo', 'a', '--series', 'BTCUSDT'], '--series is "BTCUSDT"'],
    [['adopt', 'candles.csv'], 'one table or file and one symbol'],
    [['adopt', 'candles.csv', 'BTCUSDT'], 'needs one --interval'],
    [['adopt', 'candles.csv', 'BTCUSDT', '--interval', '1m,1h'], 'needs one --interval'],
    [['adopt', 'candles.csv', 'binance:spot:BTCUSDT:1h', '--interval', '1h'], 'leave --interval out'],
    [['adopt', 'my/candles', 'BTCUSDT', '--interval', '1h', '--node-id', 'a'], '--node-id chooses'],
    [['adopt', 'btc_1h', 'btcusdt', '--interval', '1h'], '"btcusdt" is no symbol'],
    [['adopt', 'btc_1h', 'BTCUSDT', '--interval', '1h', '--list'], '--list takes no'],
    [['adopt', '--interval', '1h'], 'needs a table or a file'],
  ])('%j is refused in one sentence that names the culprit', (args, culprit) => {
    expect(refusal(...args)).toContain(culprit);
  });

  it('futures cannot be named, or a job be told anything', () => {
    const futures = parseCommandLine(['plan', 'BTCUSDT', '--interval', '1m', ...RANGE, '--market', 'um']);
    if (futures.command !== 'plan') throw new Error(futures.command);
    expect(futures.series.map(seriesKey)).toEqual(['binance:um:BTCUSDT:1m']);
    expect(parseCommandLine(['jobs'])).toMatchObject({ command: 'jobs', action: null });
    for (const action of ['pause', 'resume', 'cancel', 'retry'])
      expect(parseCommandLine(['jobs', action, 'j1'])).toMatchObject({ command: 'jobs', action, jobId: 'j1' });
  });

  it('a table or a file to adopt cannot be told apart, or the series that it becomes', () => {
    expect(parseCommandLine(['adopt', '--list'])).toMatchObject({ command: 'adopt', source: null });
    expect(parseCommandLine(['adopt'])).toMatchObject({ command: 'adopt', source: null });
    const series = { symbol: 'BTCUSDT', interval: '1h', market: 'um' };
    for (const [name, source] of [
      ['btc_1h', { table: 'btc_1h' }],
      ['btc.CSV', { file: 'btc.CSV' }],
      ['./btc_1h', { file: './btc_1h' }],
    ] as const)
      expect(parseCommandLine(['adopt', name, 'BTCUSDT', '--interval', '1h', '--market', 'um'])).toMatchObject({
        source,
        series,
      });
    expect(parseCommandLine(['adopt', 'btc_1h', 'binance:um:BTCUSDT:1h', '--node-id', 'a b'])).toMatchObject({
      source: { table: 'btc_1h', nodeId: 'a b' },
      series,
    });
  });

  it('a finding, an archive or a batch cannot be named', () => {
    expect(parseCommandLine(['findings', 'BTCUSDT', '--state', 'accepted'])).toMatchObject({
      action: null,
      symbols: ['BTCUSDT'],
      state: 'accepted',
    });
    expect(parseCommandLine(['findings', 'accept', '0123abcd', '--reason', 'known'])).toMatchObject({
      action: 'accept',
      id: '0123abcd',
      reason: 'known',
    });
    expect(parseCommandLine(['archives', 'check', 'BTCUSDT'])).toMatchObject({ symbols: ['BTCUSDT'] });
    expect(parseCommandLine(['undo'])).toMatchObject({ jobId: null, series: null });
    const key = 'binance:spot:BTCUSDT:aggTrade';
    expect(parseCommandLine(['undo', 'j1', '--series', key])).toMatchObject({ jobId: 'j1', series: key });
  });

  it('a command of a later version is named as such, not as a typing error', () => {
    expect(refusal('record', 'BTCUSDT')).toContain('not part of this version yet');
  });
});

describe('verify', () => {
  it('loses what stored data is held against, or the range', () => {
    expect(parseCommandLine(['verify', 'BTCUSDT', '--interval', '1m', '--against', 'rest', ...RANGE])).toMatchObject({
      command: 'verify',
      against: 'rest',
      series: [{ symbol: 'BTCUSDT', interval: '1m' }],
      range: { from: expect.any(Number) },
    });
    expect(parseCommandLine(['verify'])).toMatchObject({ against: null, series: null, symbols: [], range: null });
  });

  it('takes any word for a source', () => {
    expect(refusal('verify', '--against', 'google')).toBe(
      '--against is "google"; accepted is rest, archive, intervals, or nothing.',
    );
  });

  it('takes an outage in without a remark, or leaves what is meant in doubt', () => {
    const outages = (...words: string[]) => refusal('outages', ...words);
    expect(outages('accept', 'abc')).toMatch(/--remark TEXT/);
    expect(outages('accept', '--remark', 'x')).toMatch(/one ID/);
    expect(outages('export')).toMatch(/one file/);
    expect(outages('withdraw', 'abc', '--remark', 'x')).toMatch(/not to withdraw/);
    expect(outages('--remark', 'x')).toMatch(/belongs to/);
    expect(outages('list')).toMatch(/accept, dismiss, withdraw, export, import/);
  });

  it('takes a gap as explained without a reason, or of no series', () => {
    const gaps = (...words: string[]) => refusal('gaps', ...words);
    expect(gaps()).toMatch(/needs accept or withdraw/);
    expect(gaps('accept', 'BTCUSDT', ...RANGE, '--reason', 'x')).toMatch(/binance:spot:BTCUSDT:1m/);
    expect(gaps('accept', 'binance:spot:BTCUSDT:1m', '--reason', 'x')).toMatch(/--from and --to/);
    expect(gaps('accept', 'binance:spot:BTCUSDT:1m', ...RANGE, '--reason', ' ')).toMatch(/--reason TEXT/);
    expect(gaps('withdraw', 'binance:spot:BTCUSDT:1m', ...RANGE, '--reason', 'x')).toMatch(/not to withdraw/);
  });
});
