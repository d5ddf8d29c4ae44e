/**
 * Exchange-wide stops of Binance spot, as data. `firstMissing` and `lastMissing` are the opens of the first and last missing
 * one-minute candle of BTCUSDT; other symbols and intervals differ at the edges, so matching is by overlap with a window that
 * is one minute wider on both sides. `secondsFrom`/`secondsTo` (last candle before, next candle after, at one-second
 * resolution) widen the window where trading stopped in the middle of a minute that still has a candle.
 */
export interface ShippedOutage {
  /** Number in the catalogue; stable, named in evidence. */
  readonly id: number;
  readonly firstMissing: string;
  readonly lastMissing: string;
  readonly secondsFrom?: string;
  readonly secondsTo?: string;
  /** Independent public sources that show the stop. */
  readonly sources: number;
  readonly remark?: string;
}

/** Grows when entries are added or corrected. */
export const SHIPPED_VERSION = 1;

export const SPOT_OUTAGES: readonly ShippedOutage[] = [
  { id: 1, firstMissing: '2017-09-06T16:00', lastMissing: '2017-09-06T22:59', sources: 5 },
  {
    id: 2,
    firstMissing: '2017-12-04T06:00',
    lastMissing: '2017-12-04T06:48',
    secondsFrom: '2017-12-04T06:00:20',
    secondsTo: '2017-12-04T06:49:06',
    sources: 2,
    remark: 'seconds only: the minutes have off-grid candles',
  },
  {
    id: 3,
    firstMissing: '2017-12-18T10:01',
    lastMissing: '2017-12-18T10:13',
    secondsFrom: '2017-12-18T10:00:42',
    secondsTo: '2017-12-18T10:14:47',
    sources: 2,
  },
  {
    id: 4,
    firstMissing: '2017-12-18T12:30',
    lastMissing: '2017-12-18T13:33',
    secondsFrom: '2017-12-18T12:29:13',
    secondsTo: '2017-12-18T13:34:10',
    sources: 4,
  },
  {
    id: 5,
    firstMissing: '2018-01-04T03:01',
    lastMissing: '2018-01-04T05:05',
    secondsFrom: '2018-01-04T03:00:14',
    secondsTo: '2018-01-04T05:06:13',
    sources: 6,
  },
  {
    id: 6,
    firstMissing: '2018-02-08T00:29',
    lastMissing: '2018-02-09T09:58',
    secondsFrom: '2018-02-08T00:28:14',
    secondsTo: '2018-02-09T10:00:01',
    sources: 7,
    remark: 'server upgrade',
  },
  {
    id: 7,
    firstMissing: '2018-02-10T06:00',
    lastMissing: '2018-02-10T06:14',
    secondsFrom: '2018-02-10T05:59:59',
    secondsTo: '2018-02-10T06:15',
    sources: 3,
  },
  {
    id: 8,
    firstMissing: '2018-02-11T04:01',
    lastMissing: '2018-02-11T04:34',
    secondsFrom: '2018-02-11T04:00',
    secondsTo: '2018-02-11T04:35',
    sources: 3,
  },
  { id: 9, firstMissing: '2018-06-26T02:00', lastMissing: '2018-06-26T11:59', sources: 4 },
  { id: 10, firstMissing: '2018-06-27T13:00', lastMissing: '2018-06-27T14:44', sources: 4 },
  {
    id: 11,
    firstMissing: '2018-07-04T00:23',
    lastMissing: '2018-07-04T07:59',
    secondsFrom: '2018-07-04T00:22:25',
    secondsTo: '2018-07-04T08:00',
    sources: 6,
    remark: 'SYS incident',
  },
  { id: 12, firstMissing: '2018-10-19T06:00', lastMissing: '2018-10-19T09:29', sources: 4 },
  { id: 13, firstMissing: '2018-11-14T02:00', lastMissing: '2018-11-14T08:59', sources: 3 },
  {
    id: 14,
    firstMissing: '2019-03-12T02:00',
    lastMissing: '2019-03-12T07:59',
    sources: 5,
    remark: 'announced upgrade',
  },
  {
    id: 15,
    firstMissing: '2019-05-15T03:00',
    lastMissing: '2019-05-15T12:59',
    sources: 4,
    remark: 'upgrade after the hack of 2019-05-07',
  },
  {
    id: 16,
    firstMissing: '2019-06-07T21:14',
    lastMissing: '2019-06-07T22:14',
    secondsFrom: '2019-06-07T21:13:13',
    secondsTo: '2019-06-07T22:15',
    sources: 5,
  },
  { id: 17, firstMissing: '2019-08-15T02:00', lastMissing: '2019-08-15T09:59', sources: 4 },
  { id: 18, firstMissing: '2019-11-13T02:00', lastMissing: '2019-11-13T04:19', sources: 3 },
  {
    id: 19,
    firstMissing: '2019-11-13T05:30',
    lastMissing: '2019-11-13T05:32',
    sources: 2,
    remark: 'second stop of the day',
  },
  { id: 20, firstMissing: '2019-11-25T02:00', lastMissing: '2019-11-25T03:59', sources: 4 },
  { id: 21, firstMissing: '2020-02-09T02:00', lastMissing: '2020-02-09T02:59', sources: 7 },
  {
    id: 22,
    firstMissing: '2020-02-19T11:36',
    lastMissing: '2020-02-19T17:29',
    secondsFrom: '2020-02-19T11:35:33',
    secondsTo: '2020-02-19T17:30',
    sources: 8,
  },
  {
    id: 23,
    firstMissing: '2020-03-04T09:22',
    lastMissing: '2020-03-04T11:29',
    secondsFrom: '2020-03-04T09:21:47',
    secondsTo: '2020-03-04T11:30',
    sources: 7,
  },
  { id: 24, firstMissing: '2020-04-25T02:00', lastMissing: '2020-04-25T04:29', sources: 6 },
  { id: 25, firstMissing: '2020-06-28T02:00', lastMissing: '2020-06-28T05:29', sources: 6 },
  { id: 26, firstMissing: '2020-11-30T06:00', lastMissing: '2020-11-30T06:59', sources: 6 },
  {
    id: 27,
    firstMissing: '2020-12-21T13:48',
    lastMissing: '2020-12-21T17:59',
    secondsFrom: '2020-12-21T13:47:21',
    secondsTo: '2020-12-21T18:00',
    sources: 6,
    remark: 'the monthly archive has 22 stale candles from 13:48 to 14:09',
  },
  { id: 28, firstMissing: '2020-12-25T02:00', lastMissing: '2020-12-25T02:59', sources: 6 },
  {
    id: 29,
    firstMissing: '2021-02-11T03:41',
    lastMissing: '2021-02-11T04:59',
    secondsFrom: '2021-02-11T03:40:55',
    secondsTo: '2021-02-11T05:00',
    sources: 6,
    remark: 'flat candles from 03:00',
  },
  { id: 30, firstMissing: '2021-03-06T02:00', lastMissing: '2021-03-06T03:29', sources: 6 },
  { id: 31, firstMissing: '2021-04-20T02:00', lastMissing: '2021-04-20T04:29', sources: 8 },
  {
    id: 32,
    firstMissing: '2021-04-25T04:01',
    lastMissing: '2021-04-25T08:44',
    secondsFrom: '2021-04-25T04:00:59',
    sources: 7,
  },
  {
    id: 33,
    firstMissing: '2021-08-13T02:00',
    lastMissing: '2021-08-13T06:29',
    sources: 6,
    remark: 'planned maintenance',
  },
  { id: 34, firstMissing: '2021-09-29T07:00', lastMissing: '2021-09-29T08:59', sources: 7, remark: 'planned upgrade' },
  {
    id: 35,
    firstMissing: '2023-03-24T12:40',
    lastMissing: '2023-03-24T13:59',
    sources: 7,
    remark: 'trailing-stop bug; flat candles from 11:28',
  },
];
