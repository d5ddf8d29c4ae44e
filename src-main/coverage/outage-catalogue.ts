import type { OutageEntry } from '@shared/contract';
import { type CandleSeries, MINUTE_MS, type Range } from '@shared/market';
import { type ShippedOutage, SPOT_OUTAGES } from './shipped-outages';

/** A catalogue entry with its window in epoch milliseconds: a missing bar that overlaps the window is explained by it. */
export interface OutageWindow extends Range {
  readonly entry: OutageEntry;
}

/** Edges of an outage differ by a minute between symbols (facts: LTCUSDT in 2021-04-25). */
export const EDGE_TOLERANCE_MS = MINUTE_MS;

export const SHIPPED_ENTRIES: readonly OutageEntry[] = SPOT_OUTAGES.map((outage) => ({
  id: String(outage.id),
  origin: 'shipped',
  market: 'spot',
  from: moment(outage.firstMissing),
  to: moment(outage.lastMissing) + MINUTE_MS,
  sources: outage.sources,
  remark: outage.remark ?? null,
  evidence: null,
}));

/** Exists at one-second resolution only. */
const SECONDS_ONLY = SHIPPED_ENTRIES.find(({ id }) => id === '2');

const SHIPPED_WINDOWS: readonly OutageWindow[] = SPOT_OUTAGES.map((outage, index) =>
  windowOf(SHIPPED_ENTRIES[index]!, outage),
);

/** The shipped catalogue, and the entries that a person has accepted in this workspace. */
export class OutageCatalogue {
  #own: readonly OutageWindow[] = [];
  /** What `windows` has answered, by market and whether seconds were asked for. */
  readonly #answers = new Map<string, readonly OutageWindow[]>();

  get own(): readonly OutageEntry[] {
    return this.#own.map(({ entry }) => entry);
  }

  get ownWindows(): readonly OutageWindow[] {
    return this.#own;
  }

  setOwn(entries: readonly OutageEntry[]): void {
    this.#own = entries.map((entry) => windowOf(entry));
    this.#answers.clear();
  }

  /** Windows that can explain a missing bar of the series, in order of time. */
  windows({ market, interval }: Pick<CandleSeries, 'market' | 'interval'>): readonly OutageWindow[] {
    const isSeconds = interval === '1s';
    const name = `${market} ${isSeconds}`;
    const known = this.#answers.get(name);
    if (known) return known;
    const windows = [...SHIPPED_WINDOWS, ...this.#own]
      .filter(({ entry }) => entry.market === market && (isSeconds || entry !== SECONDS_ONLY))
      .sort((a, b) => a.from - b.from);
    this.#answers.set(name, windows);
    return windows;
  }
}

function moment(text: string): number {
  return Date.parse(`${text}Z`);
}

function windowOf(entry: OutageEntry, { secondsFrom, secondsTo }: Partial<ShippedOutage> = {}): OutageWindow {
  return {
    entry,
    from: Math.min(entry.from, secondsFrom ? moment(secondsFrom) : entry.from) - EDGE_TOLERANCE_MS,
    to: Math.max(entry.to, secondsTo ? moment(secondsTo) : entry.to) + EDGE_TOLERANCE_MS,
  };
}
