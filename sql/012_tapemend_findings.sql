-- Things about the data that a person should look at. Rows are only added; the newest row of an id holds:
--   SELECT * FROM tapemend_findings LATEST ON timestamp PARTITION BY id;
-- `timestamp` orders the rows of an id, `at` is when it was found; `data` is JSON, its fields depend on `kind`.
CREATE TABLE IF NOT EXISTS "tapemend_findings" (
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
DEDUP UPSERT KEYS(timestamp, id);
