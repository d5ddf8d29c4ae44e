import type { Market } from '@shared/market';

/** What a request is after; also the keys of the counters. */
export type RequestKind =
  | 'ping'
  | 'time'
  | 'exchangeInfo'
  | 'klines'
  | 'aggTrades'
  | 'archive'
  | 'checksum'
  | 'listing'
  | 'stream'
  | 'other';

/** Effects on the answer as a whole. */
export type AnswerEffect =
  /** `status` with the body the exchange sends with it: JSON for most, HTML for 403 and 502, XML for archives. */
  | 'status'
  /** Never answers; the connection stays open. */
  | 'hang'
  /** Answers after `delayMs`. */
  | 'slow'
  | 'reset'
  /** Announces the whole body, sends half, breaks the connection. */
  | 'cut_body'
  | 'wrong_json'
  | 'html_body'
  /** Says that it is gzip, and is not. */
  | 'broken_gzip'
  /** The first half of a gzip stream under its own length. */
  | 'cut_gzip'
  /** 404 with NoSuchKey for archives, `[]` for rows. */
  | 'missing'
  | 'bad_checksum'
  | 'checksum_newline'
  | 'truncated_zip'
  | 'not_a_zip';

/**
 * Effects on the rows of candles and trades. In archives they stick to a file once drawn (zip and CHECKSUM tell the same
 * story), and `times` counts files.
 */
export type ContentEffect =
  | 'duplicate_rows'
  | 'conflicting_rows'
  | 'unsorted_rows'
  | 'malformed_row'
  | 'not_a_number'
  | 'ohlc_violation'
  | 'off_grid_row'
  | 'long_decimals'
  /** Lacks the rows of `day`, or of the middle third when no day is given. */
  | 'lacks_day'
  /** Ends after half of the rows. */
  | 'truncated_day'
  | 'header_row'
  | 'no_header'
  | 'empty_file'
  /** Trades: seven ids are missing. */
  | 'lost_ids'
  /** Trades: a third of the rows is there again under the ids of another stream. */
  | 'interleaved_ids'
  /** Trades: a row of price and quantity 0 and ids of -1, which the exchange keeps in place of a duplicate. */
  | 'marked_duplicates'
  /** Archives: another row, ETag and Last-Modified, once the zip was served `after` times as it was. */
  | 'rewritten'
  /** The same, but the CHECKSUM stays that of the old file. */
  | 'stale_checksum'
  /** Archives: the zip claims a member of 4 GB, or of ten bytes. */
  | 'overstated_size'
  | 'understated_size';

export type StreamEffect =
  /** Refuses the connection with `status` (default 503). */
  | 'refuse'
  /** Breaks the connection without a close frame at the next push. */
  | 'drop'
  /** Pings go on, frames do not. */
  | 'stall'
  | 'no_final'
  | 'duplicate_frame'
  /** The frame comes right behind the next one of its stream. */
  | 'late_frame'
  /** The event time lies `delayMs` (default 300) before the true one. */
  | 'earlier_event_time'
  /** A subscription is confirmed and listed, and nothing ever comes. */
  | 'deaf_subscription'
  /** A serverShutdown event, then close 1001. */
  | 'shutdown';

export interface FaultRule {
  match: {
    kind?: RequestKind;
    market?: Market;
    /** Prefix of the path. */
    path?: string;
    symbol?: string;
    /** Archive file name; matches its CHECKSUM as well. */
    file?: string;
  };
  effect: AnswerEffect | ContentEffect | StreamEffect;
  /** For `status` and `refuse`. */
  status?: number;
  /** Seconds in `Retry-After` of a `status` answer. */
  retryAfter?: number;
  /** Delay of an answer, whatever else happens to it; `slow` without it takes a second. */
  delayMs?: number;
  /** For `rewritten` and `stale_checksum`: how often the zip is served as it was (default 0). */
  after?: number;
  /** `YYYY-MM-DD`, for `lacks_day`. */
  day?: string;
  /** How often it strikes; always when absent. */
  times?: number;
  /** 0 to 1, seeded; 1 when absent. */
  probability?: number;
}

export interface FaultSubject {
  kind: RequestKind;
  market?: Market | undefined;
  path: string;
  symbol?: string | undefined;
  file?: string | undefined;
}
