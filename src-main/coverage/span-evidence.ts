import {
  type ExplainedSpan,
  isTradeSeries,
  type Proof,
  type Range,
  type Span,
  seriesKey,
  type TradeIdsProof,
  tradeSeries,
} from '@shared/market';
import type { QuestDbStore } from '../questdb';
import type { CoverageFacts } from './derive-spans';
import { sentenceOf } from './evidence';
import { absentRuns, haltedBars } from './halts';
import type { LoadedModels, Model } from './model';
import { peersProof } from './peers';
import { type EvidenceFacts, knownProofs } from './proofs';
import { flatsProof, tradeIdsProof } from './table-proofs';

export type EvidenceStore = Pick<QuestDbStore, 'lastTradedCandle' | 'tradesAround'>;

/** How long after a change the halts of other series are judged again. */
const REVIEW_AFTER_MS = 250;

/** What other series and the tables themselves show of missing bars. It is asked for only where bars are absent. */
export class SpanEvidence {
  #reviewing: NodeJS.Timeout | null = null;

  constructor(
    private readonly store: EvidenceStore,
    private readonly models: LoadedModels,
  ) {}

  /** Bars of the series in which the symbol stood still by itself. */
  async halted(model: Model, facts: CoverageFacts): Promise<Range[]> {
    const stamp = this.#stamp(model);
    if (model.halts?.stamp === stamp) return model.halts.ranges;
    const runs = absentRuns(facts);
    const { series } = model;
    const ranges = await haltedBars(facts, runs, {
      presents: () => this.#presents(model),
      isTradeless: async (run) =>
        isTradeSeries(series) ? false : ((await this.#tradeIds(model, run))?.continuous ?? false),
    });
    model.halts = { stamp, ranges, isOfNote: runs.length > 0 };
    return ranges;
  }

  /** The span with its proofs; without `beside` those that need neither other series nor a look into tables. */
  async explain(model: Model, facts: EvidenceFacts, span: Span, beside = true): Promise<ExplainedSpan> {
    const known = knownProofs(facts, span);
    const others = beside ? await this.#beside(model, span) : [];
    const proofs = span.verdict === 'symbol_halt' ? [...others, ...known] : [...known, ...others];
    return { ...span, evidence: proofs.map((proof) => sentenceOf(proof, model.series)), proofs };
  }

  /**
   * A series has changed: those whose absent bars it may shed another light on are judged again in a moment, and told to `onOther`
   * when their halts are no longer the same.
   */
  reviewSoon(factsOf: (model: Model) => CoverageFacts, onOther: (model: Model) => void): void {
    if (this.#reviewing) return;
    const review = async (): Promise<void> => {
      this.#reviewing = null;
      for (const model of this.models.all) {
        const before = model.halts;
        if (!before?.isOfNote || before.stamp === this.#stamp(model)) continue;
        const now = await this.halted(model, factsOf(model));
        if (JSON.stringify(now) !== JSON.stringify(before.ranges)) onOther(model);
      }
    };
    // What cannot be judged now, because the database is away, is judged when it is asked for.
    this.#reviewing = setTimeout(() => void review().catch(() => undefined), REVIEW_AFTER_MS);
    this.#reviewing.unref();
  }

  async #beside(model: Model, span: Span): Promise<Proof[]> {
    switch (span.verdict) {
      case 'exchange_outage':
      case 'symbol_halt':
      case 'confirmed_absent':
      case 'unexplained':
      case 'fetch_failed': {
        const { series } = model;
        const proofs = [
          peersProof(series, span, this.models.peers(series)),
          isTradeSeries(series) ? null : await this.#tradeIds(model, span),
          await flatsProof(this.store, model, span),
        ];
        return proofs.filter((proof) => proof !== null);
      }
      default:
        return [];
    }
  }

  async #tradeIds({ series }: Model, span: Range): Promise<TradeIdsProof | null> {
    const trades = tradeSeries(series.symbol, series.market);
    const stored = this.models.get(seriesKey(trades));
    return stored ? tradeIdsProof(this.store, trades, stored.content.runs, span) : null;
  }

  *#presents({ series }: Model): Iterable<readonly Range[]> {
    for (const { present } of this.models.peers(series)) yield present;
  }

  #stamp({ series, revision }: Model): string {
    const trades = this.models.get(seriesKey(tradeSeries(series.symbol, series.market)));
    return `${revision} ${this.models.revisionAround(series)} ${trades?.revision ?? 0}`;
  }
}
