/**
 * A faithful Binance on this machine. One address serves all markets; every answer follows from the seed and the clock.
 *
 * | served             | spot                          | USD-M                     | COIN-M                                |
 * | ------------------ | ----------------------------- | ------------------------- | ------------------------------------- |
 * | REST               | `/api/v3/`                    | `/fapi/v1/`               | `/dapi/v1/`                           |
 * | ping, time         | weight 1                      | 1                         | 1                                     |
 * | exchangeInfo       | 20                            | 1                         | 1, `contractStatus`, `contractSize`   |
 * | klines             | 2, limit up to 1,000          | 1 to 10, up to 1,500      | as USD-M, 200 days, counted from end  |
 * | aggTrades          | 4, microseconds on demand     | 20, under an hour         | 20, under an hour                     |
 * | archives, listing  | klines (1s too), aggTrades    | klines, aggTrades; header | klines, aggTrades; header             |
 * | streams            | klines                        | none                      | none                                  |
 *
 * The trades of a minute make its candle (`MinuteTape` says how exactly); seconds are rolled up from them. Outages are spot's.
 * `PracticeOptions.dataRoot` puts real files in place of generated ones; real trades are served as files only.
 *
 * Faults are rules (`FaultRule`): effects on an answer (a status with its body, hang, slow, reset, cut or wrong bodies), on the
 * rows of candles and trades in pages and files, on files (another CHECKSUM, cut, rewritten after it was served, absurd sizes)
 * and on streams. `FaultStorm` strikes a seeded share of all requests. Both can be set over HTTP (`POST /practice/faults`);
 * `GET /practice/counters` and `/practice/requests` tell what was asked.
 */
export { environmentOf } from './environment';
export { type PracticeExchange, type PracticeUrls, startPracticeExchange } from './exchange';
export type { AnswerEffect, ContentEffect, FaultRule, RequestKind, StreamEffect } from './fault-rules';
export { launchPracticeExchange, type PracticeLaunchOptions, type PracticeProcessHandle } from './launch';
export type { ExtraSymbol, PracticeOptions, PublicationOptions, StreamOptions } from './options';
/** The exchange's own list of stops, for tests that compare it with the product's catalogue. */
export { OUTAGES, type Outage } from './outages';
export type { LoggedRequest, PracticeCounters } from './request-log';
export type { FaultStorm, StormKind } from './storm';
