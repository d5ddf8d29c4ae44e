import { DAY_MS, EXCHANGE_EPOCH_MS, formatTime } from '@shared/market';
import { useId, useMemo, useState } from 'react';
import { defaultFetchRange, type FetchSeries, readFetchItems } from './fetch-range';
import { RepairCard } from './repair-card';

export interface FetchFormProps {
  series: readonly FetchSeries[];
}

/** From, to, and the plan for what lies between; for series of which nothing was fetched yet, and for many at once. */
export function FetchForm({ series }: FetchFormProps) {
  const [now] = useState(() => Date.now());
  const [initial] = useState(() => defaultFetchRange(series, now));
  const [from, setFrom] = useState(() => formatTime(initial.from));
  const [to, setTo] = useState(() => formatTime(initial.to));
  const ids = { from: useId(), to: useId(), error: useId() };
  const items = useMemo(() => readFetchItems(from, to, series, now), [from, to, series, now]);
  const wrong = typeof items === 'string';
  const listed = series.flatMap(({ listedAt }) => (listedAt === null ? [] : [listedAt]));
  const last = (days: number) => {
    setFrom(formatTime(Math.max(EXCHANGE_EPOCH_MS, initial.to - days * DAY_MS)));
    setTo(formatTime(initial.to));
  };
  return (
    <div className="fetch-form" data-testid="fetch-form">
      <div className="fetch-range">
        <label htmlFor={ids.from}>From</label>
        <input
          id={ids.from}
          className="field num"
          value={from}
          spellCheck={false}
          aria-invalid={wrong}
          aria-describedby={ids.error}
          onChange={(event) => setFrom(event.target.value)}
        />
        <label htmlFor={ids.to}>To (UTC)</label>
        <input
          id={ids.to}
          className="field num"
          value={to}
          spellCheck={false}
          aria-invalid={wrong}
          aria-describedby={ids.error}
          onChange={(event) => setTo(event.target.value)}
        />
      </div>
      <div className="chips">
        {(
          [
            ['7 days', 7],
            ['30 days', 30],
            ['1 year', 365],
          ] as const
        ).map(([label, days]) => (
          <button key={label} type="button" className="chip" onClick={() => last(days)}>
            {label}
          </button>
        ))}
        <button
          type="button"
          className="chip"
          onClick={() => {
            setFrom(formatTime(listed.length === series.length ? Math.min(...listed) : EXCHANGE_EPOCH_MS));
            setTo(formatTime(initial.to));
          }}
        >
          Everything
        </button>
      </div>
      {wrong ? (
        <p id={ids.error} className="alarm" role="alert">
          {items}
        </p>
      ) : (
        <RepairCard items={items} verb="Fetch" nothing="Everything in this range is stored or known to be absent." />
      )}
    </div>
  );
}
