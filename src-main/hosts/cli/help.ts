/** Texts of `tapemend help`. */
export const GENERAL_HELP = `tapemend: curate Binance market data in QuestDB

  tapemend plan SYMBOL… --interval I[,I…] --from T --to T      what a backfill would fetch
  tapemend backfill SYMBOL… --interval I[,I…] --from T --to T  fetch exactly what is missing
           [--market spot|um|cm] [--source auto|archive|rest]
           [--metrics-port N]
           --kind aggTrade instead of --interval: aggregate trades, counted in minutes
  tapemend coverage [SYMBOL…] [--interval I | --kind aggTrade] [--from T --to T] [--gaps]
           [--watch [SECONDS]]                                 spans and verdicts; --watch prints again what changes
  tapemend gaps accept KEY --from T --to T --reason TEXT       take missing bars as explained; gaps withdraw takes that back
  tapemend outages                                             stops of the exchange that are known, and those that the data shows
  tapemend outages accept ID --remark TEXT                     take one into the catalogue; also dismiss ID, withdraw ID
  tapemend outages export FILE                                 the catalogue as JSON; import FILE takes its own entries in
  tapemend verify [SYMBOL…] [--interval I] [--from T --to T]   audit what is stored against itself, finer candles
           [--against rest|archive|intervals]                  and trades, or its sources
           [--watch [SECONDS]]                                 (again when rows were written)
  tapemend status                                              database, exchange clock, weight
  tapemend jobs [pause|resume|cancel|retry JOB]                the workspace's queue and journal
  tapemend findings [SYMBOL…] [--state new|accepted|fixed]     what about the data is worth a look
  tapemend findings accept ID [--reason TEXT]                  leave it so; reopen ID takes that back
  tapemend findings reingest ID                                take a replaced archive anew, and say which rows differ
  tapemend findings refetch ID                                 make the rows of a finding what REST says now; tapemend undo puts them back
  tapemend archives check [SYMBOL…]                            whether files that rows rest on were replaced at the source
  tapemend undo [JOB] [--series KEY]                           take back what a job wrote; without a job, list what can be
  tapemend adopt [--list]                                      candles of other programs in the database
  tapemend adopt TABLE|FILE.csv SYMBOL --interval I            make them rows of a series; undo takes them back
           [--market spot|um|cm] [--node-id ID]
  tapemend serve [--host 127.0.0.1] [--port N] [--demo]        the window in a browser, and metrics for Prometheus
           [--metrics-port 9464]

Every command: --workspace DIR  --practice (built-in practice exchange)  --json  --progress bar|ndjson|none
Times are ISO dates (UTC unless they name a zone) or epoch milliseconds; ranges are half-open [from, to).
Exit code: 0 complete · 1 something is missing or failed · 2 wrong use · 3 database, exchange or runtime
unreachable · 130 interrupted. A --watch that Ctrl+C ends is 0, whatever it showed.
`;
