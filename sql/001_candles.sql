-- Candles of one series, one table each; the example is BTCUSDT, spot, one minute.
-- By hand: put the series' own table name in the place of "binance_spot_btcusdt_1m" (a month is spelt 1mo, for table names
-- ignore case). Partition by MONTH for 1s, by YEAR for everything longer: a month of seconds is about 260 MB, a year of
-- minutes 48 MB. Tapemend itself replaces exactly these two things.
--
-- One row per open time; writing a row again replaces it whole. `ts` repeats the open time in epoch seconds for QMTL.
CREATE TABLE IF NOT EXISTS "binance_spot_btcusdt_1m" (
  timestamp TIMESTAMP,
  node_id SYMBOL,
  interval INT,
  ts LONG,
  open DOUBLE,
  high DOUBLE,
  low DOUBLE,
  close DOUBLE,
  volume DOUBLE,
  quote_volume DOUBLE,
  trades LONG,
  taker_base DOUBLE,
  taker_quote DOUBLE
) TIMESTAMP(timestamp) PARTITION BY YEAR WAL
DEDUP UPSERT KEYS(timestamp, node_id, interval);
