import type { FaultRule } from './fault-rules';
import { hashPair, hashText } from './random';

/** What a storm may do to a request; all of it but `hang` unless `kinds` says so. */
const WEATHER = {
  error500: { effect: 'status', status: 500 },
  html502: { effect: 'status', status: 502 },
  busy503: { effect: 'status', status: 503 },
  /** -1007 after a while. */
  timeout504: { effect: 'status', status: 504, delayMs: 200 },
  firewall403: { effect: 'status', status: 403 },
  reset: { effect: 'reset' },
  cut_body: { effect: 'cut_body' },
  cut_gzip: { effect: 'cut_gzip' },
  wrong_json: { effect: 'wrong_json' },
  html_body: { effect: 'html_body' },
  /** For ever; only a caller that gives up by itself gets over it. */
  hang: { effect: 'hang' },
} as const satisfies Record<string, Omit<FaultRule, 'match'>>;

export type StormKind = keyof typeof WEATHER;

/** Seeded faults of the network and the exchange for a share of all HTTP requests, whatever they are after. */
export interface FaultStorm {
  storm: {
    seed: number;
    /** 0 to 1. */
    share: number;
    kinds?: readonly StormKind[];
  };
}

const MILD = (Object.keys(WEATHER) as StormKind[]).filter((kind) => kind !== 'hang');
/** URLs whose repetitions are counted; a test asks for fewer. */
const REMEMBERED = 100_000;

export function isStorm(value: object): value is FaultStorm {
  return 'storm' in value;
}

/** A sentence when what came over HTTP is no storm. */
export function stormProblem(value: FaultStorm): string | null {
  const { seed, share, kinds = [] } = value.storm ?? {};
  if (!Number.isInteger(seed) || !(share >= 0 && share <= 1))
    return 'A storm needs a whole "seed" and a "share" between 0 and 1.';
  const wrong = Array.isArray(kinds) ? kinds.find((kind) => !(kind in WEATHER)) : 'kinds';
  return wrong === undefined ? null : `"${wrong}" is no weather; use some of ${Object.keys(WEATHER).join(', ')}.`;
}

/**
 * Decides by the request and by how often it came before, not by the order among others: the same requests meet the same
 * weather however they overlap, and a repeated one meets another.
 */
export class Storm {
  readonly #seen = new Map<string, number>();

  constructor(private readonly storm: FaultStorm['storm']) {}

  strike(url: string): FaultRule | null {
    const times = this.#seen.get(url) ?? 0;
    if (this.#seen.size > REMEMBERED) this.#seen.clear();
    this.#seen.set(url, times + 1);
    const { seed, share, kinds = MILD } = this.storm;
    const draw = hashPair(hashText(url, seed), times);
    if (draw / 2 ** 32 >= share || kinds.length === 0) return null;
    return { match: {}, ...WEATHER[kinds[hashPair(draw, 1) % kinds.length]!] };
  }
}
