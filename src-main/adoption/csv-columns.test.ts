import { expect, it } from 'vitest';
import { csvColumnsOf, numberOf, timeOf } from './csv-columns';

const HOUR = Date.UTC(2017, 7, 17, 4);

it.each([
  ['1502942400', HOUR],
  ['1502942400.0', HOUR],
  ['1502942400000', HOUR],
  ['1502942400000000', HOUR],
  ['1502942400000500', HOUR + 0.5],
  ['1502942400000000000', HOUR],
  ['2017-08-17 04:00:00', HOUR],
  ['2017-08-17T04:00:00Z', HOUR],
  ['2017-08-17 06:00:00.000000+02:00', HOUR],
  ['2017-08-17', Date.UTC(2017, 7, 17)],
  ['17.08.2017 04:00', null],
  ['15029424000', null],
  ['', null],
])('%s is read as another time', (text, time) => {
  expect(timeOf(text)).toBe(time);
});

it.each([
  ['1.50', 1.5],
  ['1e-7', 1e-7],
  ['', Number.NaN],
  ['nan', Number.NaN],
  ['0x10', null],
  ['1,5', null],
  ['Infinity', null],
])('%s is read as another number', (text, value) => {
  expect(numberOf(text)).toBe(value);
});

it.each([
  [
    'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore',
    10,
  ],
  ['1502942400000,1,2,1,2,5,1502945999999,7,3,2,3,0', 10],
  ['date,close,open,low,high,volume', 6],
  ['1502942400,1,2,1,2,5', 6],
  ['Unix Timestamp,Date,Symbol,Open,High,Low,Close,Volume BTC', null],
  ['timestamp,open,high,low,close', null],
  ['timestamp;open;high;low;close;volume', null],
  ['1502942400000,1,2,1,2', null],
])('the columns of %s are taken for others', (line, fields) => {
  if (fields === null) expect(() => csvColumnsOf(line, 'x.csv')).toThrow(/^x\.csv cannot be adopted: .*timestamp/);
  else expect(csvColumnsOf(line, 'x.csv').places.size).toBe(fields);
});

it('a column of dates is preferred to one of exact opens, or columns are read in the order of the file', () => {
  const { places } = csvColumnsOf('date,close,open,low,high,volume,open_time', 'x.csv');
  expect(Object.fromEntries(places)).toEqual({ openTime: 6, open: 2, high: 4, low: 3, close: 1, volume: 5 });
});
