// Written by sql/generate-statements.ts from sql/*.sql. Change those.
export const STATEMENTS = {
  '001_candles.sql': `CREATE TABLE IF NOT EXISTS "binance_spot_btcusdt_1m" (
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
DEDUP UPSERT KEYS(timestamp, node_id, interval)`,
  '002_aggtrade.sql': `CREATE TABLE IF NOT EXISTS "binance_spot_btcusdt_aggtrade" (
  timestamp TIMESTAMP,
  node_id SYMBOL,
  agg_id LONG,
  price DOUBLE,
  quantity DOUBLE,
  first_trade_id LONG,
  last_trade_id LONG,
  buyer_maker BOOLEAN
) TIMESTAMP(timestamp) PARTITION BY DAY WAL
DEDUP UPSERT KEYS(timestamp, node_id, agg_id)`,
  '010_tapemend_ledger.sql': `CREATE TABLE IF NOT EXISTS "tapemend_ledger" (
  timestamp TIMESTAMP,
  series SYMBOL CAPACITY 4096,
  source SYMBOL,
  outcome SYMBOL,
  range_from TIMESTAMP,
  range_to TIMESTAMP,
  candles LONG,
  absent VARCHAR,
  evidence VARCHAR,
  job_id VARCHAR,
  file VARCHAR,
  sha256 VARCHAR,
  etag VARCHAR,
  request VARCHAR,
  written VARCHAR,
  ids VARCHAR,
  lost_ids VARCHAR,
  marked_ids VARCHAR
) TIMESTAMP(timestamp) PARTITION BY YEAR WAL
DEDUP UPSERT KEYS(timestamp, series, source, outcome, range_from, range_to, job_id)`,
  '011_tapemend_series.sql': `CREATE TABLE IF NOT EXISTS "tapemend_series" (
  timestamp TIMESTAMP,
  series SYMBOL CAPACITY 4096,
  active BOOLEAN
) TIMESTAMP(timestamp) PARTITION BY YEAR WAL
DEDUP UPSERT KEYS(timestamp, series)`,
  '012_tapemend_findings.sql': `CREATE TABLE IF NOT EXISTS "tapemend_findings" (
  timestamp TIMESTAMP,
  id SYMBOL CAPACITY 4096,
  at TIMESTAMP,
  series SYMBOL CAPACITY 4096,
  kind SYMBOL,
  range_from TIMESTAMP,
  range_to TIMESTAMP,
  sentence VARCHAR,
  data VARCHAR,
  state SYMBOL
) TIMESTAMP(timestamp) PARTITION BY YEAR WAL
DEDUP UPSERT KEYS(timestamp, id)`,
  '013_tapemend_undo.sql': `CREATE TABLE IF NOT EXISTS "tapemend_undo" (
  timestamp TIMESTAMP,
  batch_id SYMBOL CAPACITY 4096,
  series SYMBOL CAPACITY 4096,
  range_from TIMESTAMP,
  range_to TIMESTAMP,
  kept LONG
) TIMESTAMP(timestamp) PARTITION BY YEAR WAL
DEDUP UPSERT KEYS(timestamp, batch_id, series, range_from, range_to)`,
  '014_tapemend_outages.sql': `CREATE TABLE IF NOT EXISTS "tapemend_outages" (
  timestamp TIMESTAMP,
  id SYMBOL CAPACITY 256,
  state SYMBOL,
  market SYMBOL,
  range_from TIMESTAMP,
  range_to TIMESTAMP,
  remark VARCHAR,
  evidence VARCHAR
) TIMESTAMP(timestamp) PARTITION BY YEAR WAL
DEDUP UPSERT KEYS(timestamp, id)`,
} as const;
