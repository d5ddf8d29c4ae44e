-- Ranges whose rows a batch kept before it wrote over them: the rows lie in the table "tapemend_undo_" + batch, in the shape of
-- the series' own. A range is entered after its rows are kept and before the batch writes there, so a range stands here also
-- when it held no row. `kept` counts them.
CREATE TABLE IF NOT EXISTS "tapemend_undo" (
  timestamp TIMESTAMP,
  batch_id SYMBOL CAPACITY 4096,
  series SYMBOL CAPACITY 4096,
  range_from TIMESTAMP,
  range_to TIMESTAMP,
  kept LONG
) TIMESTAMP(timestamp) PARTITION BY YEAR WAL
DEDUP UPSERT KEYS(timestamp, batch_id, series, range_from, range_to);
