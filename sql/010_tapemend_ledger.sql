-- What was asked of whom, and the answer: the evidence behind every verdict. Rows are only added.
-- `source` is one of the exchange's, or `adopted` for rows that another program had stored: these answer no question.
-- `timestamp` is the exchange's time of the answer; the range is half-open on open times.
-- `absent` is a JSON list of [from, to) pairs in epoch milliseconds: bars of the range that the source does not have;
-- `written` is one of the runs of bars that rows of the answer filled. A row with the outcome `reverted` takes back every
-- earlier answer of its job about its series. Of the source `user`: `accepted` says that the bars of `absent` count as explained, for
-- the reason in `evidence`, `acceptance_withdrawn` that those of the range no longer do. Series of trades count in minutes: `ids` is a JSON pair, the first and last id
-- that the answer settles for its range (NULL where nothing was traded), `lost_ids` the pairs among them that the source does not
-- have, `marked_ids` those that it marks as no trade. Older workspaces lack the columns behind `job_id`; they are added at start.
CREATE TABLE IF NOT EXISTS "tapemend_ledger" (
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
DEDUP UPSERT KEYS(timestamp, series, source, outcome, range_from, range_to, job_id);
