import type { Interval } from './interval';
import type { Range } from './range';
import type { Market } from './series';

/** Who gave rows, or said that there are none: a source of the exchange, or another program whose rows were adopted. */
export type RowSource = 'archiveMonthly' | 'archiveDaily' | 'rest' | 'stream' | 'adopted';

/** A source was asked about bars of the span. */
export interface AskedProof extends Range {
  kind: 'asked';
  source: RowSource;
  outcome: 'answered' | 'failed';
  /** The exchange's time of the answer. */
  at: number;
  /** The (first) request, or the file with its SHA-256 in hex; null where it is the other, or unknown. */
  request: string | null;
  file: string | null;
  sha256: string | null;
  /** Candles (trades) of the whole answer, and bars of the span that it does not have. */
  rows: number;
  absent: number;
  /** The answer in words. */
  told: string;
}

/** An entry of the outage catalogue covers the span; `from` and `to` are the stop itself. */
export interface CatalogueProof extends Range {
  kind: 'catalogue';
  entry: string;
  origin: 'shipped' | 'own';
  /** Public sources that show the stop; of an own entry the symbols that lacked its bars. */
  sources: number;
  remark: string | null;
}

/** Other symbols of the market and interval that were asked about these bars and lived then; most of a span's bars decide. */
export interface PeersProof {
  kind: 'peers';
  market: Market;
  /** Null for trades. */
  interval: Interval | null;
  asked: number;
  lacking: number;
  /** Some of each side. */
  lackingSymbols: string[];
  havingSymbols: string[];
}

/** The stored aggregate trades next to the span. */
export interface TradeIdsProof {
  kind: 'trade_ids';
  before: { id: number; at: number };
  after: { id: number; at: number };
  /** The ids follow each other, so nothing was traded in the span. */
  continuous: boolean;
}

/** Candles without any trade that lead into the span. */
export interface FlatsProof extends Range {
  kind: 'flats';
  bars: number;
}

/** Open of the first or last candle that there is of the symbol; `told` where the archive's files say so. */
export interface LifetimeProof {
  kind: 'lifetime';
  bound: 'first' | 'last';
  open: number;
  told: string | null;
}

/** A person took the span as explained. */
export interface AcceptedProof extends Range {
  kind: 'accepted';
  at: number;
  reason: string;
}

/** Aggregate trades that ought to be stored, ends included, and the minutes in which they lie. */
export interface MissingIdsProof extends Range {
  kind: 'missing_ids';
  firstId: number;
  lastId: number;
  /** A source told of some of them. */
  inArchive: boolean;
}

/** What shows that a span's verdict is true. Times are epoch ms. */
export type Proof =
  | AskedProof
  | CatalogueProof
  | PeersProof
  | TradeIdsProof
  | FlatsProof
  | LifetimeProof
  | AcceptedProof
  | MissingIdsProof
  /** The exchange's clock: the bars are not over. */
  | { kind: 'clock'; now: number }
  /** Nobody has been asked, or REST has not. */
  | { kind: 'not_asked'; source: 'any' | 'rest' }
  /** The bars were stored once, and the table lacks them. */
  | { kind: 'table_lacks' }
  /** So many answers, or ids, that are not listed. */
  | { kind: 'left_out'; what: 'asked' | 'missing_ids'; count: number };

/** How often sources were asked about a span, by its proofs, and when last in epoch ms; null when never. */
export function askedTries(proofs: readonly Proof[] = []): { count: number; last: number } | null {
  const asked = proofs.filter((proof) => proof.kind === 'asked');
  if (asked.length === 0) return null;
  const unlisted = proofs.reduce(
    (sum, proof) => sum + (proof.kind === 'left_out' && proof.what === 'asked' ? proof.count : 0),
    0,
  );
  return { count: asked.length + unlisted, last: Math.max(...asked.map(({ at }) => at)) };
}
