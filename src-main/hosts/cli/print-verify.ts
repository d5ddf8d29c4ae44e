import type { VerifySeries } from '@shared/contract';
import { parseCandleSeriesKey } from '@shared/market';
import { count } from './print';

const FINDINGS_SHOWN = 10;

export function verifyText(audited: readonly VerifySeries[], durationMs: number): string {
  const lines = audited.flatMap(linesOf);
  const faults = audited.reduce((sum, each) => sum + each.faults, 0);
  const remarks = audited.reduce((sum, each) => sum + each.findings.length, 0) - faults;
  const sum = `${audited.length.toLocaleString('en')} series audited in ${(durationMs / 1_000).toFixed(1)} s: ${count(faults, 'fault')}, ${count(remarks, 'remark')}`;
  return [...lines, sum].join('\n');
}

function linesOf(each: VerifySeries): string[] {
  const series = parseCandleSeriesKey(each.key);
  const name = series
    ? `${series.symbol} ${series.interval}${series.market === 'spot' ? '' : ` ${series.market}`}`
    : each.key;
  const parts = [
    count(each.bars, 'bar'),
    each.missing.unexplained > each.notAsked
      ? `${(each.missing.unexplained - each.notAsked).toLocaleString('en')} missing without an explanation`
      : '',
    each.missing.explained > 0 ? `${each.missing.explained.toLocaleString('en')} missing and explained` : '',
    each.flat === null ? '' : `${each.flat.toLocaleString('en')} flat`,
    `${each.compared.toLocaleString('en')} compared`,
    each.different > 0 ? `${each.different.toLocaleString('en')} different` : '',
    each.fixed > 0 ? `${count(each.fixed, 'finding')} fixed` : '',
  ].filter(Boolean);
  const more = each.findings.length - FINDINGS_SHOWN;
  return [
    `${name}: ${parts.join(', ')}`,
    ...each.findings
      .slice(0, FINDINGS_SHOWN)
      .map(({ sentence, state }) => `  ${state === 'accepted' ? '(accepted) ' : ''}${sentence}`),
    ...(more > 0 ? [`  and ${more.toLocaleString('en')} more; tapemend findings lists them`] : []),
    ...each.failures.map((failure) => `  ${failure}`),
  ];
}
