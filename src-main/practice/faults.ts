import { randomFrom } from './random';

/** What a request is after; also the keys of the counters. */
export type RequestKind =
  | 'ping'
  | 'time'
  | 'exchangeInfo'
  | 'klines'
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
  | 'broken_gzip'
  /** 404 with NoSuchKey for archives, `[]` for klines. */
  | 'missing'
  | 'bad_checksum'
  | 'checksum_newline'
  | 'truncated_zip'
  | 'not_a_zip';

/**
 * Effects on rows. In archives they stick to a file once drawn (zip and CHECKSUM tell the same story), and `times` counts
 * files; `stale_checksum` serves a rewritten zip beside the CHECKSUM of the old one.
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
  | 'empty_file'
  | 'rewritten'
  | 'stale_checksum';

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
  delayMs?: number;
  /** `YYYY-MM-DD`, for `lacks_day`. */
  day?: string;
  /** How often it strikes; always when absent. */
  times?: number;
  /** 0 to 1, seeded; 1 when absent. */
  probability?: number;
}

export interface FaultSubject {
  kind: RequestKind;
  path: string;
  symbol?: string | undefined;
  file?: string | undefined;
}

const CONTENT: ReadonlySet<string> = new Set<ContentEffect>([
  'duplicate_rows',
  'conflicting_rows',
  'unsorted_rows',
  'malformed_row',
  'not_a_number',
  'ohlc_violation',
  'off_grid_row',
  'long_decimals',
  'lacks_day',
  'truncated_day',
  'header_row',
  'empty_file',
  'rewritten',
  'stale_checksum',
]);

const STREAM: ReadonlySet<string> = new Set<StreamEffect>([
  'refuse',
  'drop',
  'stall',
  'no_final',
  'duplicate_frame',
  'late_frame',
  'earlier_event_time',
  'deaf_subscription',
  'shutdown',
]);

const ANSWER: ReadonlySet<string> = new Set<AnswerEffect>([
  'status',
  'hang',
  'slow',
  'reset',
  'cut_body',
  'wrong_json',
  'html_body',
  'broken_gzip',
  'missing',
  'bad_checksum',
  'checksum_newline',
  'truncated_zip',
  'not_a_zip',
]);

export function isContentEffect(effect: FaultRule['effect']): effect is ContentEffect {
  return CONTENT.has(effect);
}

/** The rules in force, and how often each may still strike. */
export class FaultSwitch {
  private active: { rule: FaultRule; left: number }[] = [];
  private sticky = new Map<string, FaultRule | null>();
  private random: () => number;

  constructor(
    private readonly seed: number,
    rules: readonly FaultRule[] = [],
  ) {
    this.random = randomFrom(seed);
    this.set(rules);
  }

  /** Replaces all rules and forgets what stuck to files. */
  set(rules: readonly FaultRule[]): void {
    this.active = rules.map((rule) => ({ rule, left: rule.times ?? Number.POSITIVE_INFINITY }));
    this.sticky = new Map();
    this.random = randomFrom(this.seed);
  }

  /** The first answer effect that strikes this request. */
  answer(subject: FaultSubject): FaultRule | null {
    return this.draw(subject, (effect) => ANSWER.has(effect));
  }

  stream(subject: FaultSubject, ...effects: StreamEffect[]): FaultRule | null {
    return this.draw(subject, (effect) => (effects as string[]).includes(effect));
  }

  /** The content effect on a REST answer. */
  rows(subject: FaultSubject): FaultRule | null {
    return this.draw(subject, isContentEffect);
  }

  /** The content effect on an archive file, the same for its zip and its CHECKSUM. */
  file(subject: FaultSubject): FaultRule | null {
    const name = subject.path;
    let rule = this.sticky.get(name);
    if (rule === undefined) {
      rule = this.draw(subject, isContentEffect);
      this.sticky.set(name, rule);
    }
    return rule;
  }

  private draw(subject: FaultSubject, wanted: (effect: FaultRule['effect']) => boolean): FaultRule | null {
    for (const entry of this.active) {
      if (entry.left <= 0 || !wanted(entry.rule.effect) || !matches(entry.rule, subject)) continue;
      if (entry.rule.probability !== undefined && this.random() >= entry.rule.probability) continue;
      entry.left--;
      return entry.rule;
    }
    return null;
  }
}

function matches({ match }: FaultRule, subject: FaultSubject): boolean {
  return (
    (match.kind === undefined || match.kind === subject.kind) &&
    (match.path === undefined || subject.path.startsWith(match.path)) &&
    (match.symbol === undefined || match.symbol === subject.symbol) &&
    (match.file === undefined || match.file === subject.file)
  );
}

/** Reads rules that came over HTTP; answers a sentence when they are wrong. */
export function parseFaultRules(value: unknown): FaultRule[] | string {
  if (!Array.isArray(value)) return 'Send a JSON array of fault rules.';
  for (const rule of value as Partial<FaultRule>[]) {
    if (typeof rule !== 'object' || rule === null || typeof rule.match !== 'object' || rule.match === null)
      return 'Every fault rule needs a "match" object (it may be empty).';
    const effect = String(rule.effect);
    if (!ANSWER.has(effect) && !CONTENT.has(effect) && !STREAM.has(effect))
      return `"${effect}" is no effect; use one of ${[...ANSWER, ...CONTENT, ...STREAM].join(', ')}.`;
  }
  return value as FaultRule[];
}
