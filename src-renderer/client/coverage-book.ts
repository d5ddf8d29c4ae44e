import type { CoverageReport } from '@shared/contract';
import { type Range, type Span, VERDICTS } from '@shared/market';
import { type SpanColumns, spanColumns } from './span-columns';

/** Coverage of one series as the window holds it. */
export interface CoveragePage {
  readonly key: string;
  readonly revision: number;
  /** Extent that the spans cover; empty while nothing is known of the series. */
  readonly range: Range;
  readonly spans: readonly Span[];
  readonly columns: SpanColumns;
  /** Missing bars that alarm (unexplained, fetch failed), that nobody asked for yet, and that are explained. */
  readonly alarming: number;
  readonly notAsked: number;
  readonly explained: number;
  readonly gaps: readonly Span[];
}

/** Series that have changed, and whether a person looks at them and waits. */
type Listener = (keys: readonly string[], isAwaited: boolean) => void;

/**
 * Coverage of all series, outside React: strips, inspector and dock read it, and hear of changes by key. Pages are replaced,
 * never changed, so that a reader can compare them by identity.
 */
export class CoverageBook {
  readonly #pages = new Map<string, CoveragePage>();
  readonly #listeners = new Set<Listener>();

  get(key: string): CoveragePage | null {
    return this.#pages.get(key) ?? null;
  }

  /** Takes reports that are newer than what is held; a late answer never replaces a newer one. `isAwaited` as listeners are told. */
  put(reports: readonly CoverageReport[], isAwaited = false): void {
    const changed: string[] = [];
    for (const report of reports) {
      const held = this.#pages.get(report.key);
      if (held && held.revision > report.revision) continue;
      this.#pages.set(report.key, pageOf(report));
      changed.push(report.key);
    }
    if (changed.length > 0) this.#tell(changed, isAwaited);
  }

  drop(keys: readonly string[]): void {
    const dropped = keys.filter((key) => this.#pages.delete(key));
    if (dropped.length > 0) this.#tell(dropped, false);
  }

  clear(): void {
    this.drop([...this.#pages.keys()]);
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #tell(keys: readonly string[], isAwaited: boolean): void {
    for (const listener of [...this.#listeners]) listener(keys, isAwaited);
  }
}

export function isGap(span: Span): boolean {
  return span.verdict !== 'present' && !['not_listed_yet', 'delisted', 'not_closed_yet'].includes(span.verdict);
}

/** Whether a span wears the alarm colour. */
export function isAlarming(span: Span): boolean {
  return span.verdict === 'unexplained' || span.verdict === 'fetch_failed';
}

function pageOf(report: CoverageReport): CoveragePage {
  const bars = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0]));
  for (const span of report.spans) bars[span.verdict]! += span.bars;
  return {
    key: report.key,
    revision: report.revision,
    range: report.range,
    spans: report.spans,
    columns: spanColumns(report.spans),
    alarming: bars.unexplained! + bars.fetch_failed!,
    notAsked: bars.not_asked!,
    explained: report.missing.explained,
    gaps: report.spans.filter(isGap),
  };
}
