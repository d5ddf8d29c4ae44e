import type { Range } from '../market';
import type { MissingBars } from './coverage';

export type FindingKind =
  /** A file was replaced at its source after rows were taken from it. */
  | 'stale_archive'
  /** A file that was not used, because its hash, its zip or its rows could not be trusted. */
  | 'checksum_mismatch'
  | 'bad_archive'
  | 'bad_rows'
  | 'conflicting_rows'
  /** Rows that were used, mended on the way. */
  | 'duplicate_rows'
  | 'unsorted_rows'
  | 'off_grid_rows'
  | 'inexact_decimals'
  /** Trades: rows that are none, and ids that the source does not have. */
  | 'marked_rows'
  | 'lost_trades'
  /** A file lacks bars that another source had. */
  | 'archive_lacks_rows'
  /** The database acknowledged rows that could not be read back. */
  | 'lost_rows'
  /** How a file that was taken anew differs from what was stored. */
  | 'row_diff'
  /** What an audit noticed: rows that cannot be, and what is only remarkable. */
  | 'impossible_candle'
  | 'price_jump'
  | 'volume_outlier'
  | 'archive_seam'
  /** Candles of bars that the exchange does not have: without a trade, with trades, and from the exchange's own files. */
  | 'filled_candle'
  | 'phantom_candle'
  | 'stale_candle'
  /** How stored candles differ from finer ones, from their trades, from their source. */
  | 'rollup_difference'
  | 'trade_difference'
  | 'source_difference'
  /** A table holds other rows than were remembered of its version. */
  | 'content_difference'
  | 'other';

/** Findings about stored candles that asking the exchange once more can settle. */
export const REFETCHABLE_FINDINGS: readonly FindingKind[] = [
  'impossible_candle',
  'duplicate_rows',
  'price_jump',
  'volume_outlier',
  'archive_seam',
  'filled_candle',
  'phantom_candle',
  'stale_candle',
  'source_difference',
];

export type FindingState = 'new' | 'accepted' | 'fixed';

/** Something about the data that a person should look at. The same thing found twice has one id. */
export interface Finding {
  id: string;
  at: number;
  /** Key of the series. */
  key: string;
  kind: FindingKind;
  range: Range;
  sentence: string;
  /** Details by kind, as JSON has them. */
  data: unknown;
  state: FindingState;
}

/** What stored data is held against, besides itself. */
export const VERIFY_AGAINST = ['rest', 'archive', 'intervals'] as const;
export type VerifyAgainst = (typeof VERIFY_AGAINST)[number];

/** Audit of one series. */
export interface VerifySeries {
  key: string;
  table: string;
  range: Range;
  /** Stored bars of the range, counted anew from the table. */
  bars: number;
  missing: MissingBars;
  /** Of the unexplained: bars that nobody has asked a source for yet, which is no fault. */
  notAsked: number;
  /** Stored bars in which nothing was traded; null when it was not looked at. */
  flat: number | null;
  /** Candles that were held against something, and those that differ. */
  compared: number;
  different: number;
  findings: Finding[];
  /** Earlier findings that are gone. */
  fixed: number;
  /** Findings that say that rows are wrong, and that nobody accepted. */
  faults: number;
  /** Sources that could not be asked, in sentences. */
  failures: string[];
}
