-- Stops of the exchange that a person has taken into the workspace's outage catalogue (`accepted`), taken out of it again (`withdrawn`),
-- or does not want to be proposed (`dismissed`). Rows are only added; the newest row of an id holds:
--   SELECT * FROM tapemend_outages LATEST ON timestamp PARTITION BY id;
-- `range_from` is the open of the first missing minute, `range_to` is behind the last one; `evidence` is JSON.
CREATE TABLE IF NOT EXISTS "tapemend_outages" (
  timestamp TIMESTAMP,
  id SYMBOL CAPACITY 256,
  state SYMBOL,
  market SYMBOL,
  range_from TIMESTAMP,
  range_to TIMESTAMP,
  remark VARCHAR,
  evidence VARCHAR
) TIMESTAMP(timestamp) PARTITION BY YEAR WAL
DEDUP UPSERT KEYS(timestamp, id);
