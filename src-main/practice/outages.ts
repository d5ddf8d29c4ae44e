import { MINUTE_MS, type Range } from '@shared/market';

/**
 * The exchange's own truth about its stops: minutes without candles in every symbol. It is kept apart from the product's
 * catalogue on purpose, so that one can be tested against the other.
 */
export interface Outage {
  /** Row of the outage table in facts/binance.md. */
  readonly row: number;
  /** Missing 1m opens as REST and daily files have it. Empty for a stop that shows at one second only. */
  readonly minutes: Range;
  /** Missing 1m opens in monthly files, where they differ. */
  readonly monthlyMinutes?: Range;
  /** Later start for single symbols (open of their first missing minute). */
  readonly laterStart?: Readonly<Record<string, number>>;
  /** Minutes before the stop in which nothing traded any more. */
  readonly quiet?: Range;
  /** Opens of the last 1s candle before and the first one after. */
  readonly seconds?: Range;
}

function at(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}

/** First and last missing minute, both included. */
function missing(first: string, last: string): Range {
  const day = first.slice(0, 10);
  return { from: at(first), to: at(last.length > 5 ? last : `${day} ${last}`) + MINUTE_MS };
}

function between(before: string, after: string): Range {
  return { from: at(before), to: at(after) };
}

export const OUTAGES: readonly Outage[] = [
  { row: 1, minutes: missing('2017-09-06 16:00', '22:59') },
  {
    row: 2,
    minutes: between('2017-12-04 06:00', '2017-12-04 06:00'),
    seconds: between('2017-12-04 06:00:20', '2017-12-04 06:49:06'),
  },
  {
    row: 3,
    minutes: missing('2017-12-18 10:01', '10:13'),
    seconds: between('2017-12-18 10:00:42', '2017-12-18 10:14:47'),
  },
  {
    row: 4,
    minutes: missing('2017-12-18 12:30', '13:33'),
    seconds: between('2017-12-18 12:29:13', '2017-12-18 13:34:10'),
  },
  {
    row: 5,
    minutes: missing('2018-01-04 03:01', '05:05'),
    seconds: between('2018-01-04 03:00:14', '2018-01-04 05:06:13'),
  },
  {
    row: 6,
    minutes: missing('2018-02-08 00:29', '2018-02-09 09:58'),
    seconds: between('2018-02-08 00:28:14', '2018-02-09 10:00:01'),
  },
  {
    row: 7,
    minutes: missing('2018-02-10 06:00', '06:14'),
    seconds: between('2018-02-10 05:59:59', '2018-02-10 06:15:00'),
  },
  {
    row: 8,
    minutes: missing('2018-02-11 04:01', '04:34'),
    seconds: between('2018-02-11 04:00:00', '2018-02-11 04:35:00'),
  },
  { row: 9, minutes: missing('2018-06-26 02:00', '11:59') },
  { row: 10, minutes: missing('2018-06-27 13:00', '14:44') },
  {
    row: 11,
    minutes: missing('2018-07-04 00:23', '07:59'),
    seconds: between('2018-07-04 00:22:25', '2018-07-04 08:00:00'),
  },
  { row: 12, minutes: missing('2018-10-19 06:00', '09:29') },
  { row: 13, minutes: missing('2018-11-14 02:00', '08:59') },
  { row: 14, minutes: missing('2019-03-12 02:00', '07:59') },
  { row: 15, minutes: missing('2019-05-15 03:00', '12:59') },
  {
    row: 16,
    minutes: missing('2019-06-07 21:14', '22:14'),
    quiet: missing('2019-06-07 21:00', '21:13'),
    seconds: between('2019-06-07 21:13:13', '2019-06-07 22:15:00'),
  },
  { row: 17, minutes: missing('2019-08-15 02:00', '09:59') },
  { row: 18, minutes: missing('2019-11-13 02:00', '04:19') },
  { row: 19, minutes: missing('2019-11-13 05:30', '05:32') },
  { row: 20, minutes: missing('2019-11-25 02:00', '03:59') },
  { row: 21, minutes: missing('2020-02-09 02:00', '02:59') },
  {
    row: 22,
    minutes: missing('2020-02-19 11:36', '17:29'),
    seconds: between('2020-02-19 11:35:33', '2020-02-19 17:30:00'),
  },
  {
    row: 23,
    minutes: missing('2020-03-04 09:22', '11:29'),
    seconds: between('2020-03-04 09:21:47', '2020-03-04 11:30:00'),
  },
  { row: 24, minutes: missing('2020-04-25 02:00', '04:29') },
  { row: 25, minutes: missing('2020-06-28 02:00', '05:29') },
  { row: 26, minutes: missing('2020-11-30 06:00', '06:59') },
  {
    row: 27,
    minutes: missing('2020-12-21 13:48', '17:59'),
    monthlyMinutes: missing('2020-12-21 14:10', '17:59'),
    quiet: missing('2020-12-21 13:48', '14:09'),
    seconds: between('2020-12-21 13:47:21', '2020-12-21 18:00:00'),
  },
  { row: 28, minutes: missing('2020-12-25 02:00', '02:59') },
  {
    row: 29,
    minutes: missing('2021-02-11 03:41', '04:59'),
    quiet: missing('2021-02-11 03:00', '03:40'),
    seconds: between('2021-02-11 03:40:55', '2021-02-11 05:00:00'),
  },
  { row: 30, minutes: missing('2021-03-06 02:00', '03:29') },
  { row: 31, minutes: missing('2021-04-20 02:00', '04:29') },
  {
    row: 32,
    minutes: missing('2021-04-25 04:01', '08:44'),
    laterStart: { LTCUSDT: at('2021-04-25 04:02') },
    seconds: between('2021-04-25 04:00:59', '2021-04-25 08:45:00'),
  },
  { row: 33, minutes: missing('2021-08-13 02:00', '06:29') },
  { row: 34, minutes: missing('2021-09-29 07:00', '08:59') },
  {
    row: 35,
    minutes: missing('2023-03-24 12:40', '13:59'),
    quiet: missing('2023-03-24 11:28', '12:39'),
  },
];

/** Runs of 1m candles that open some seconds past the minute. `minutes` are those whose candle is moved. */
export interface OffGridRun {
  readonly minutes: Range;
  /** The first minute also keeps its aligned candle. */
  readonly doubleFirst: boolean;
  readonly offsetMs: Readonly<Record<string, number>>;
  /** Offset of symbols without one of their own: a base and up to 30 ms that depend on the name. */
  readonly baseOffsetMs: number;
  /** Minutes at the beginning in which nothing traded, for every symbol. */
  readonly quietMinutes: number;
}

export const OFF_GRID_RUNS: readonly OffGridRun[] = [
  {
    minutes: missing('2017-12-04 06:00', '2017-12-18 10:00'),
    doubleFirst: true,
    offsetMs: { BTCUSDT: 20_799, ETHUSDT: 20_810 },
    baseOffsetMs: 20_790,
    quietMinutes: 48,
  },
  {
    minutes: missing('2018-02-09 09:59', '2018-02-10 05:59'),
    doubleFirst: false,
    offsetMs: { BTCUSDT: 14_789, ETHUSDT: 14_800 },
    baseOffsetMs: 14_780,
    quietMinutes: 0,
  },
];

/** Close times in monthly files that end early, by open time. */
export const TRUNCATED_CLOSES: ReadonlyMap<number, number> = new Map([
  ...OUTAGES.filter((outage) => outage.seconds && outage.minutes.to > outage.minutes.from && outage.row !== 27).flatMap(
    (outage): [number, number][] => {
      const open = outage.minutes.from - MINUTE_MS;
      const close = outage.seconds!.from + 999;
      return close > open && close < open + MINUTE_MS - 1 ? [[open, close]] : [];
    },
  ),
  [at('2023-03-24 12:39'), at('2023-03-24 12:39') + 41_600],
  [at('2020-12-21 14:09'), at('2020-12-21 13:47:20')],
]);

/** 16:00 exists flat at 15m and more although all its minutes are missing. */
export const FLAT_WITHOUT_MINUTES = at('2017-09-06 16:00');

/** REST has no 1h candle here although the hour's last minute traded; the archive has it. */
export const HOUR_ABSENT_IN_REST = at('2018-02-09 09:00');
