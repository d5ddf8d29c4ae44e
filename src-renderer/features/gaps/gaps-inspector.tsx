import type { Verdict } from '@shared/market';
import { useState } from 'react';
import { isAlarming, type SeriesGap } from '../../client';
import { formatAmount, formatBars, VERDICT_WORDS, VerdictMark } from '../../components';
import { AcceptGaps } from './accept-gaps';
import { ITEMS_AT_ONCE } from './fetch-range';
import { GAP_VERDICTS, totalsOf } from './gap-rows';
import { RepairCard } from './repair-card';
import { SeriesNames } from './series-names';
import type { RepairItem } from './use-plan';

export interface GapsInspectorProps {
  keys: readonly string[];
  gaps: readonly SeriesGap[];
}

const canRepair = ({ span }: SeriesGap) => isAlarming(span) || span.verdict === 'not_asked';

/** Several gaps: what they are, and one plan for those that can be repaired. */
export function GapsInspector({ keys, gaps }: GapsInspectorProps) {
  const [pinned, setPinned] = useState<readonly RepairItem[] | null>(null);
  const needy = gaps.filter(canRepair);
  const items = needy
    .slice(0, ITEMS_AT_ONCE)
    .map(({ key, span }) => ({ key, range: { from: span.from, to: span.to } }));
  const byVerdict = GAP_VERDICTS.map(
    (verdict) => [verdict, gaps.filter(({ span }) => span.verdict === verdict)] as const,
  );
  return (
    <>
      <div className="inspector-head">
        <h2>{formatAmount(gaps.length, 'gap')}</h2>
        <span className="num dim">{formatBars(totalsOf(gaps).bars)}</span>
      </div>
      <SeriesNames keys={keys} />
      <ul className="gaps-by-verdict">
        {byVerdict.map(
          ([verdict, own]) => own.length > 0 && <VerdictLine key={verdict} verdict={verdict} gaps={own} />,
        )}
      </ul>
      {pinned || items.length > 0 ? (
        <RepairCard items={pinned ?? items} onPinned={setPinned} />
      ) : (
        <p className="notice">Explained: there is nothing to repair.</p>
      )}
      {needy.length > 0 && <AcceptGaps gaps={needy} />}
    </>
  );
}

function VerdictLine({ verdict, gaps }: { verdict: Verdict; gaps: readonly SeriesGap[] }) {
  return (
    <li className={`spread verdict-${verdict}`}>
      <span className="verdict-name">
        <VerdictMark verdict={verdict} />
        {VERDICT_WORDS[verdict].name}
      </span>
      <span className="num">
        {formatAmount(gaps.length, 'gap')}, {formatBars(totalsOf(gaps).bars)}
      </span>
    </li>
  );
}
