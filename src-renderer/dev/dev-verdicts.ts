import type { RequestHandlers } from '@shared/contract';
import type { Range, Verdict } from '@shared/market';
import { verdictClass } from '@shared/market';
import type { DevSeries } from './dev-series';

type VerdictRoute = 'gaps.accept' | 'gaps.withdraw';

/** A person's word about invented gaps. */
export class DevVerdicts {
  /** Accepted spans with the verdict that they had, by series. */
  readonly #accepted = new Map<string, { range: Range; before: Verdict }[]>();

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
  };
}
