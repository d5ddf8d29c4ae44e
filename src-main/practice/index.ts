export { type PracticeExchange, type PracticeUrls, startPracticeExchange } from './exchange';
export type { AnswerEffect, ContentEffect, FaultRule, RequestKind, StreamEffect } from './faults';
export { launchPracticeExchange, type PracticeLaunchOptions, type PracticeProcessHandle } from './launch';
export type { ExtraSymbol, PracticeOptions, PublicationOptions, StreamOptions } from './options';
/** The exchange's own list of stops, for tests that compare it with the product's catalogue. */
export { OUTAGES, type Outage } from './outages';
export type { LoggedRequest, PracticeCounters } from './request-log';
export type { FaultStorm, StormKind } from './storm';
