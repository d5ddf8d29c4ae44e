import type { Interval, Market } from '../market';

/** What shows that the exchange stood still: series of one market and interval that were asked about the same bars. */
export interface OutageEvidence {
  interval: Interval;
  /** How many symbols were asked and lived then, and how many of them have none of the bars, by REST's word. */
  asked: number;
  lacking: number;
  /** Some of those that lack them, and of those that do not. */
  lackingSymbols: string[];
  havingSymbols: string[];
  /** Candles without any trade that lead into it, of the symbol that has most. */
  flatsBefore: number;
}

/** An exchange-wide stop: `from` is the open of the first missing minute, `to` is behind the last one. */
export interface OutageEntry {
  /** Stable; named in proofs. Shipped entries are numbered. */
  id: string;
  origin: 'shipped' | 'own';
  market: Market;
  from: number;
  to: number;
  /** Independent public sources of a shipped entry, symbols that lacked the bars of an own one. */
  sources: number;
  remark: string | null;
  /** Of own entries. */
  evidence: OutageEvidence | null;
}

/** A stop that many series show and the catalogue does not know. Once dismissed it is not proposed again. */
export interface OutageProposal {
  id: string;
  market: Market;
  from: number;
  to: number;
  evidence: OutageEvidence;
}

export interface OutageList {
  /** Changes with every entry, shipped or own. */
  version: string;
  /** In order of time. */
  entries: OutageEntry[];
}
