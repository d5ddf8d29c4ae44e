-- The series a person follows. Rows are only added; the newest row of a series says whether it is still followed:
--   SELECT series FROM (SELECT * FROM tapemend_series LATEST ON timestamp PARTITION BY series) WHERE active;
CREATE TABLE IF NOT EXISTS "tapemend_series" (
  timestamp TIMESTAMP,
  series SYMBOL CAPACITY 4096,
  active BOOLEAN
) TIMESTAMP(timestamp) PARTITION BY YEAR WAL
DEDUP UPSERT KEYS(timestamp, series);
