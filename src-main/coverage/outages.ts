import { createHash } from 'node:crypto';
import { AppError, type OutageEntry, type OutageList, type OutageProposal } from '@shared/contract';
import type { OutageDecision, QuestDbStore } from '../questdb';
import type { CoverageService } from './coverage-service';
import type { CoverageStore } from './coverage-store';
import { EDGE_TOLERANCE_MS, type OutageCatalogue, SHIPPED_ENTRIES } from './outage-catalogue';
import { discoverStops, type FoundStop, namesOf } from './outage-discovery';
import { SHIPPED_VERSION } from './shipped-outages';
import { flatsProof } from './table-proofs';

export interface OutagesOptions {
  store: Pick<QuestDbStore, 'outagesAppend' | 'outagesRead'> & Pick<CoverageStore, 'lastTradedCandle'>;
  /** The one that `coverage` explains with. */
  catalogue: OutageCatalogue;
  coverage: Pick<CoverageService, 'takeOutages' | 'stopWitnesses'>;
  /** Entries or decisions have changed, here or in another program of the workspace. */
  onChange?: () => void;
}

/** The outage catalogue of the workspace: shipped entries, those that a person has accepted, and stops that the data shows. */
export class Outages {
  #decisions: readonly OutageDecision[] = [];
  #version = 0;

  constructor(private readonly options: OutagesOptions) {}

  /** Takes over what was decided, by any program of the workspace; to be called before coverage is read, and now and then. */
  async catchUp(): Promise<void> {
    const { version, decisions } = await this.options.store.outagesRead();
    if (version === this.#version) return;
    const { catalogue, coverage } = this.options;
    const before = catalogue.ownWindows;
    this.#version = version;
    this.#decisions = decisions;
    catalogue.setOwn(decisions.filter(({ state }) => state === 'accepted').map(entryOf));
    const after = catalogue.ownWindows;
    const differing = [
      ...before.filter(({ from, to }) => !after.some((each) => each.from === from && each.to === to)),
      ...after.filter(({ from, to }) => !before.some((each) => each.from === from && each.to === to)),
    ];
    coverage.takeOutages(differing);
    this.options.onChange?.();
  }

  list(): OutageList {
    return {
      version: `${SHIPPED_VERSION}.${this.#version}`,
      entries: [...SHIPPED_ENTRIES, ...this.options.catalogue.own].sort((a, b) => a.from - b.from),
    };
  }

  /** Stops that many series show and nobody has decided about. */
  async proposals(): Promise<OutageProposal[]> {
    const dismissed = this.#decisions.filter(({ state }) => state === 'dismissed');
    const open = discoverStops(this.options.coverage.stopWitnesses()).filter(
      (stop) =>
        !dismissed.some(
          ({ market, from, to }) =>
            market === stop.market && from - EDGE_TOLERANCE_MS <= stop.from && stop.to <= to + EDGE_TOLERANCE_MS,
        ),
    );
    return Promise.all(open.map((stop) => this.#proposalOf(stop)));
  }

  /** Takes a proposed (or dismissed) stop into the catalogue. Throws `usage.no_proposal`. */
  async accept(id: string, remark: string): Promise<OutageEntry> {
    const proposal = await this.#proposal(id);
    await this.#decide([{ ...proposal, state: 'accepted', remark }]);
    return this.#own(id)!;
  }

  /** The stop is not proposed any more. Throws `usage.no_proposal`. */
  async dismiss(id: string): Promise<OutageProposal> {
    const proposal = await this.#proposal(id);
    await this.#decide([{ ...proposal, state: 'dismissed', remark: null }]);
    return proposal;
  }

  /** Takes an own entry out of the catalogue again. Throws `usage.no_outage`. */
  async withdraw(id: string): Promise<OutageEntry> {
    const entry = this.#own(id);
    if (!entry)
      throw new AppError(
        'usage.no_outage',
        `The outage catalogue of this workspace has no entry ${id} of its own; choose one of those that it lists.`,
      );
    await this.#decide([decisionOf(entry, 'withdrawn')]);
    return entry;
  }

  /** Takes own entries of another workspace into the catalogue; resolves to the number of those that it did not have. */
  async adopt(entries: readonly OutageEntry[]): Promise<number> {
    const fresh = entries.filter(({ id, origin }) => origin === 'own' && !this.#own(id));
    await this.#decide(fresh.map((entry) => decisionOf(entry, 'accepted')));
    return fresh.length;
  }

  #own(id: string): OutageEntry | undefined {
    return this.options.catalogue.own.find((entry) => entry.id === id);
  }

  async #decide(decisions: readonly OutageDecision[]): Promise<void> {
    await this.options.store.outagesAppend(decisions);
    await this.catchUp();
  }

  async #proposal(id: string): Promise<OutageProposal> {
    const proposal = (await this.proposals()).find((each) => each.id === id);
    if (proposal) return proposal;
    const dismissed = this.#decisions.find((each) => each.id === id && each.state === 'dismissed');
    if (dismissed?.evidence) {
      const { market, from, to, evidence } = dismissed;
      return { id, market, from, to, evidence };
    }
    throw new AppError(
      'usage.no_proposal',
      `No stop with the id ${id} is proposed, or no longer; choose one of the proposals.`,
    );
  }

  async #proposalOf(stop: FoundStop): Promise<OutageProposal> {
    const { market, from, to, lacking, having } = stop;
    const flats = await Promise.all(
      lacking.slice(0, MOST_LOOKED_AT).map(({ model }) => flatsProof(this.options.store, model, stop)),
    );
    return {
      id: createHash('sha256').update(`${market} ${from} ${to}`).digest('hex').slice(0, 12),
      market,
      from,
      to,
      evidence: {
        interval: lacking[0]!.series.interval,
        asked: lacking.length + having.length,
        lacking: lacking.length,
        lackingSymbols: namesOf(lacking),
        havingSymbols: namesOf(having),
        flatsBefore: Math.max(0, ...flats.map((proof) => proof?.bars ?? 0)),
      },
    };
  }
}

/** Tables that are looked into for candles without trades. */
const MOST_LOOKED_AT = 8;

function entryOf({ id, market, from, to, remark, evidence }: OutageDecision): OutageEntry {
  return { id, origin: 'own', market, from, to, sources: evidence?.lacking ?? 0, remark, evidence };
}

function decisionOf(
  { id, market, from, to, remark, evidence }: OutageEntry,
  state: OutageDecision['state'],
): OutageDecision {
  return { id, state, market, from, to, remark, evidence };
}
