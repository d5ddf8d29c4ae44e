-- Aggregate trades of one symbol; the example is BTCUSDT, spot. By hand: replace the table name.
-- `timestamp` is the time of the trade; `agg_id` keeps trades of one instant apart.
CREATE TABLE IF NOT EXISTS "binance_spot_btcusdt_aggtrade" (
  timestamp TIMESTAMP,
  node_id SYMBOL,
  agg_id LONG,
  price DOUBLE,
  quantity DOUBLE,
  first_trade_id LONG,
  last_trade_id LONG,
  buyer_maker BOOLEAN
) TIMESTAMP(timestamp) PARTITION BY DAY WAL
DEDUP UPSERT KEYS(timestamp, node_id, agg_id);
