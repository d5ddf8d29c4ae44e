import {
  AppError,
  type CurationRoute,
  type Finding,
  type FindingKind,
  type IngestBatch,
  type ProvenanceSpan,
  type ReingestResult,
  type RequestHandlers,
} from '@shared/contract';
import { DAY_MS, parseStoredSeriesKey, type Range, seriesWord } from '@shared/market';
import { type DevSeries, randomOf } from './dev-series';

const WORK_MS = 1_200;
const FINDINGS = 23;
const KINDS: readonly [FindingKind, string][] = [
  ['stale_archive', 'has been replaced since its rows were stored: its SHA-256 is now another one.'],
  ['checksum_mismatch', 'does not have the SHA-256 that its CHECKSUM states; its rows came from REST instead.'],
  ['duplicate_rows', 'holds 1,440 rows twice, word for word; each was stored once.'],
  ['row_diff', 'was taken anew: 3 rows differ in their volume from those stored before.'],
];

/** Invented findings, origins and batches for the window. */
export class DevCuration {
  #made: Finding[] | null = null;
  readonly #batches: IngestBatch[] = [];

  constructor(
    private readonly series: () => readonly DevSeries[],
    private readonly onReverted: (series: DevSeries) => void,
  ) {}

  get #findings(): Finding[] {
    const series = this.series();
    this.#made ??= series.length === 0 ? [] : Array.from({ length: FINDINGS }, (_, index) => this.#finding(index));
    return this.#made;
  }

  readonly requests: Pick<RequestHandlers, CurationRoute> = {
    'provenance.read': ({ key, range }) => ({ spans: provenance(key, range) }),
    'findings.list': () => ({ findings: this.#findings }),
    'findings.set_state': ({ id, state }) => {
      const finding = this.#find(id);
      finding.state = state;
      return { finding: { ...finding } };
    },
    'findings.reingest': ({ id }) => this.#takeAnew(id),
    'findings.refetch': ({ id }) => this.#takeAnew(id),
    'archives.check': async () => {
      await new Promise((resolve) => setTimeout(resolve, 2 * WORK_MS));
      return {
        checked: 312,
        stale: [],
        failed: [{ file: 'BTCUSDT-1m-2021-02.zip', reason: 'the archive answered 503.' }],
      };
    },
    'verify.run': async ({ key, range }) => {
      await new Promise((resolve) => setTimeout(resolve, WORK_MS));
      const findings = this.#findings.filter((finding) => finding.key === key);
      return {
        key,
        table: key.toLowerCase().replaceAll(':', '_'),
        range: range ?? { from: 0, to: Date.now() },
        bars: 10_000,
        missing: { explained: 0, unexplained: 0 },
        notAsked: 0,
        flat: 12,
        compared: 10_000,
        different: 0,
        findings,
        fixed: 0,
        faults: findings.filter(({ state }) => state === 'new').length,
        failures: [],
      };
    },
    'batches.list': ({ limit }) => ({ batches: this.#batches.slice(0, limit) }),
    'batches.revert': async ({ jobId, key }) => {
      const batch = this.#batches.find((each) => each.jobId === jobId && each.key === key);
      const series = this.series().find((each) => each.key === key);
      if (!batch || !series) throw new AppError('usage.no_batch', `Nothing that ${jobId} wrote into ${key} is known.`);
      await new Promise((resolve) => setTimeout(resolve, WORK_MS));
      batch.revertedAt = Date.now();
      series.paint(batch.range, 'not_asked');
      this.onReverted(series);
      return { removed: batch.bars ?? 0, restored: 0 };
    },
  };

  wrote(batch: Omit<IngestBatch, 'at' | 'revertedAt'>): void {
    this.#batches.unshift({ ...batch, at: Date.now(), revertedAt: null });
  }

  async #takeAnew(id: string): Promise<ReingestResult> {
    const finding = this.#find(id);
    await new Promise((resolve) => setTimeout(resolve, WORK_MS));
    finding.state = 'fixed';
    return {
      jobId: 'dev-anew',
      key: finding.key,
      file: fileOf(finding.key, finding.range.from),
      added: 2,
      removed: 0,
      changed: 3,
      diff: { added: [], removed: [], changed: [] },
    };
  }

  #find(id: string): Finding {
    const finding = this.#findings.find((each) => each.id === id);
    if (!finding) throw new AppError('usage.no_finding', 'There is no such finding any more; read the list again.');
    return finding;
  }

  #finding(index: number): Finding {
    const series = this.series()[index % this.series().length]!;
    const [kind, words] = KINDS[index % KINDS.length]!;
    const from = Date.UTC(2021, index % 40, 1);
    const range = { from, to: from + 28 * DAY_MS };
    return {
      id: `finding-${index}`,
      at: Date.now() - index * 7_000_000,
      key: series.key,
      kind,
      range,
      sentence: `${fileOf(series.key, from)} ${words}`,
      data: null,
      state: index % 5 === 3 ? 'accepted' : 'new',
    };
  }
}

function fileOf(key: string, t: number): string {
  const series = parseStoredSeriesKey(key)!;
  return `${series.symbol}-${seriesWord(series)}-${new Date(t).toISOString().slice(0, 7)}.zip`;
}

/** A monthly file per thirty days, and REST behind the last of them. */
function provenance(key: string, range: Range): ProvenanceSpan[] {
  const random = randomOf(key);
  const hex = () => Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join('');
  const spans: ProvenanceSpan[] = [];
  for (let from = range.from; from < range.to; from += 30 * DAY_MS) {
    const to = Math.min(range.to, from + 30 * DAY_MS);
    const rest = to === range.to;
    spans.push({
      from,
      to,
      source: rest ? 'rest' : 'archiveMonthly',
      file: rest ? null : fileOf(key, from),
      sha256: rest ? null : hex(),
      etag: rest ? null : hex().slice(0, 32),
      request: rest
        ? `/api/v3/klines?symbol=${key.split(':')[2]}&interval=${key.split(':')[3]}&startTime=${from}&limit=1000`
        : null,
      jobId: 'dev-1',
      at: Date.now() - (range.to - from) / 1_000,
    });
  }
  return spans;
}
