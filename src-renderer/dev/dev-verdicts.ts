import { AppError, type OutageEntry, type OutageProposal, type RequestHandlers } from '@shared/contract';
import { type Range, type Verdict, verdictClass } from '@shared/market';
import type { DevSeries } from './dev-series';

type VerdictRoute =
  | 'gaps.accept'
  | 'gaps.withdraw'
  | 'outages.list'
  | 'outages.proposals'
  | 'outages.accept'
  | 'outages.dismiss'
  | 'outages.withdraw';

const SHIPPED: OutageEntry = {
  id: '32',
  origin: 'shipped',
  market: 'spot',
  from: Date.UTC(2021, 3, 25, 4, 1),
  to: Date.UTC(2021, 3, 25, 8, 45),
  sources: 7,
  remark: null,
  evidence: null,
};
const PROPOSAL: OutageProposal = {
  id: '3f1d0c2b9a88',
  market: 'spot',
  from: Date.UTC(2024, 8, 3, 2),
  to: Date.UTC(2024, 8, 3, 3, 30),
  evidence: {
    interval: '1m',
    asked: 12,
    lacking: 11,
    lackingSymbols: ['ADAUSDT', 'BNBUSDT', 'BTCUSDT', 'ETHUSDT', 'LTCUSDT', 'SOLUSDT', 'TRXUSDT', 'XRPUSDT'],
    havingSymbols: ['USDCUSDT'],
    flatsBefore: 14,
  },
};

/** A person's word about invented gaps. */
export class DevVerdicts {
  /** Accepted spans with the verdict that they had, by series. */
  readonly #accepted = new Map<string, { range: Range; before: Verdict }[]>();

  #own: OutageEntry[] = [];
  #proposals = [PROPOSAL];
  #decisions = 0;

  constructor(
    private readonly find: (key: string) => DevSeries,
    private readonly onChange: (series: DevSeries) => void,
  ) {}

  readonly requests: Pick<RequestHandlers, VerdictRoute> = {
    'gaps.accept': ({ key, range }) => {
      const series = this.find(key);
      const open = series.spans.filter(
        (span) => verdictClass(span.verdict) === 'unexplained' && span.from < range.to && range.from < span.to,
      );
      const accepted = this.#accepted.get(key) ?? [];
      for (const { from, to, verdict } of open) {
        accepted.push({ range: { from, to }, before: verdict });
        series.paint({ from, to }, 'confirmed_absent');
      }
      this.#accepted.set(key, accepted);
      this.onChange(series);
      return { bars: open.reduce((sum, { bars }) => sum + bars, 0) };
    },
    'gaps.withdraw': ({ key, range }) => {
      const series = this.find(key);
      const bars = series.missingBars('explained');
      for (const each of this.#accepted.get(key) ?? [])
        if (each.range.from < range.to && range.from < each.range.to) series.paint(each.range, each.before);
      this.onChange(series);
      return { bars: bars - series.missingBars('explained') };
    },
    'outages.list': () => ({ version: `1.${this.#decisions}`, entries: [SHIPPED, ...this.#own] }),
    'outages.proposals': () => ({ proposals: this.#proposals }),
    'outages.accept': ({ id, remark }) => {
      const { evidence, ...stop } = this.#take(id);
      const entry: OutageEntry = { ...stop, origin: 'own', sources: evidence.lacking, remark, evidence };
      this.#own.push(entry);
      return { entry };
    },
    'outages.dismiss': ({ id }) => ({ proposal: this.#take(id) }),
    'outages.withdraw': ({ id }) => {
      const entry = this.#own.find((each) => each.id === id);
      if (!entry) throw new AppError('usage.no_outage', `There is no own entry ${id}.`);
      this.#own = this.#own.filter((each) => each !== entry);
      this.#proposals = [PROPOSAL];
      this.#decisions++;
      return { entry };
    },
  };

  #take(id: string): OutageProposal {
    const proposal = this.#proposals.find((each) => each.id === id);
    if (!proposal) throw new AppError('usage.no_proposal', `No stop ${id} is proposed.`);
    this.#proposals = this.#proposals.filter((each) => each !== proposal);
    this.#decisions++;
    return proposal;
  }
}
