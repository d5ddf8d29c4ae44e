import type { AnswerEffect, ContentEffect, FaultRule, FaultSubject, StreamEffect } from './fault-rules';
import { randomFrom } from './random';
import { type FaultStorm, isStorm, Storm, stormProblem } from './storm';

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
  'no_header',
  'empty_file',
  'lost_ids',
  'interleaved_ids',
  'marked_duplicates',
  'rewritten',
  'stale_checksum',
  'overstated_size',
  'understated_size',
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
  'cut_gzip',
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
  private storms: Storm[] = [];
  private sticky = new Map<string, FaultRule | null>();
  private served = new Map<string, number>();
  private random: () => number;

  constructor(
    private readonly seed: number,
    rules: readonly (FaultRule | FaultStorm)[] = [],
  ) {
    this.random = randomFrom(seed);
    this.set(rules);
  }

  /** Replaces all rules and forgets what stuck to files. */
  set(rules: readonly (FaultRule | FaultStorm)[]): void {
    this.active = rules.flatMap((rule) =>
      isStorm(rule) ? [] : [{ rule, left: rule.times ?? Number.POSITIVE_INFINITY }],
    );
    this.storms = rules.flatMap((rule) => (isStorm(rule) ? [new Storm(rule.storm)] : []));
    this.sticky = new Map();
    this.served = new Map();
    this.random = randomFrom(this.seed);
  }

  /** The first answer effect that strikes this request, else what a storm does to it. */
  answer(subject: FaultSubject, url: string): FaultRule | null {
    const rule = this.draw(subject, (effect) => ANSWER.has(effect));
    if (rule) return rule;
    for (const storm of this.storms) {
      const struck = storm.strike(url);
      if (struck) return struck;
    }
    return null;
  }

  stream(subject: FaultSubject, ...effects: StreamEffect[]): FaultRule | null {
    return this.draw(subject, (effect) => (effects as string[]).includes(effect));
  }

  /** The content effect on a REST answer. */
  rows(subject: FaultSubject): FaultRule | null {
    return this.draw(subject, isContentEffect);
  }

  /**
   * The content effect on an archive file, the same for its zip and its CHECKSUM. `serves`: the zip itself is on its way, which
   * counts for rules that strike `after` some times.
   */
  file(subject: FaultSubject, serves: boolean): FaultRule | null {
    const name = subject.path;
    let rule = this.sticky.get(name);
    if (rule === undefined) {
      rule = this.draw(subject, isContentEffect);
      this.sticky.set(name, rule);
    }
    const served = this.served.get(name) ?? 0;
    if (!rule || served >= (rule.after ?? 0)) return rule;
    if (serves) this.served.set(name, served + 1);
    return null;
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
    (match.market === undefined || match.market === subject.market) &&
    (match.path === undefined || subject.path.startsWith(match.path)) &&
    (match.symbol === undefined || match.symbol === subject.symbol) &&
    (match.file === undefined || match.file === subject.file)
  );
}

/** Reads rules that came over HTTP; answers a sentence when they are wrong. */
export function parseFaultRules(value: unknown): (FaultRule | FaultStorm)[] | string {
  if (!Array.isArray(value)) return 'Send a JSON array of fault rules.';
  for (const rule of value as Partial<FaultRule>[]) {
    if (typeof rule === 'object' && rule !== null && isStorm(rule)) {
      const problem = stormProblem(rule);
      if (problem) return problem;
      continue;
    }
    if (typeof rule !== 'object' || rule === null || typeof rule.match !== 'object' || rule.match === null)
      return 'Every fault rule needs a "match" object (it may be empty).';
    const effect = String(rule.effect);
    if (!ANSWER.has(effect) && !CONTENT.has(effect) && !STREAM.has(effect))
      return `"${effect}" is no effect; use one of ${[...ANSWER, ...CONTENT, ...STREAM].join(', ')}.`;
  }
  return value as (FaultRule | FaultStorm)[];
}
