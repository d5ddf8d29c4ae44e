import { gridIntervalOf } from '@shared/market';
import { useMemo, useState } from 'react';
import { followedKeys, isAlarming, useCoverageVersion, useSession, useWindow } from '../../client';
import { formatAmount, formatBars, formatCount } from '../../components';
import { FetchForm } from './fetch-form';
import { ITEMS_AT_ONCE } from './fetch-range';
import { FollowOffer } from './follow-offer';
import { RepairCard } from './repair-card';
import { SeriesNames } from './series-names';
import type { RepairItem } from './use-plan';

export interface ListInspectorProps {
  keys: readonly string[];
}

/** Several whole series: what they have and lack together, the repair of it, a range to fetch, and those that nobody follows yet. */
export function ListInspector({ keys }: ListInspectorProps) {
  const { coverage } = useSession();
  useCoverageVersion();
  const [pinned, setPinned] = useState<readonly RepairItem[] | null>(null);
  const all = useWindow((state) => state.series);
  const followed = useWindow(followedKeys);
  const chosen = useMemo(() => {
    const wanted = new Set(keys);
    return (all ?? []).filter((each) => wanted.has(each.key));
  }, [all, keys]);
  // Only what the form needs: a stored bar must not make it plan anew.
  const lifetimes = chosen.map(({ key, interval, listedAt }) => `${key} ${interval} ${listedAt}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `lifetimes` stands for what is taken of the series.
  const fetchable = useMemo(
    () => chosen.map((each) => ({ key: each.key, interval: gridIntervalOf(each), listedAt: each.listedAt })),
    [lifetimes],
  );
  const alarming: RepairItem[] = chosen
    .flatMap(({ key }) =>
      (coverage.get(key)?.gaps ?? [])
        .filter(isAlarming)
        .map((span) => ({ key, range: { from: span.from, to: span.to } })),
    )
    .slice(0, ITEMS_AT_ONCE);
  const repair = pinned ?? alarming;
  const stored = chosen.reduce((sum, each) => sum + each.bars, 0);
  const explained = chosen.reduce((sum, each) => sum + each.missing.explained, 0);
  const unfollowed = useMemo(
    () => (followed.size === 0 ? [] : keys.filter((key) => !followed.has(key))),
    [keys, followed],
  );
  if (unfollowed.length === keys.length)
    return (
      <>
        <div className="inspector-head">
          <h2>{keys.length === 1 ? 'An empty cell' : `${formatCount(keys.length)} empty cells`}</h2>
        </div>
        <FollowOffer keys={unfollowed} isAll />
      </>
    );
  return (
    <>
      <div className="inspector-head">
        <h2>{formatCount(chosen.length)} series</h2>
      </div>
      <SeriesNames keys={chosen.map((each) => each.key)} />
      <dl className="facts">
        <div>
          <dt>Stored</dt>
          <dd className="num">{formatBars(stored)}</dd>
        </div>
        <div>
          <dt>Explained</dt>
          <dd className="num">{formatBars(explained)}</dd>
        </div>
      </dl>
      {repair.length > 0 && (
        <>
          <h3>{formatAmount(repair.length, 'gap')} to repair</h3>
          <RepairCard items={repair} onPinned={setPinned} />
        </>
      )}
      <h3>Fetch a range of {chosen.length === 1 ? 'it' : 'all of them'}</h3>
      {fetchable.length > 0 && <FetchForm series={fetchable} />}
      {unfollowed.length > 0 && <FollowOffer keys={unfollowed} isAll={false} />}
    </>
  );
}
