import { DAY_MS, EXCHANGE_EPOCH_MS, formatTime, type Interval } from '@shared/market';
import { useId, useState } from 'react';
import { defaultFetchRange, readFetchRange } from './fetch-range';
import { RepairCard } from './repair-card';

export interface FetchFormProps {
  seriesKey: string;
  interval: Interval;
  listedAt: number | null;
}

/** From, to, and the plan for what lies between; for series of which nothing was fetched yet. */
export function FetchForm({ seriesKey, interval, listedAt }: FetchFormProps) {
  const [now] = useState(() => Date.now());
  const [initial] = useState(() => defaultFetchRange(interval, now));
  const [from, setFrom] = useState(() => formatTime(initial.from));
  const [to, setTo] = useState(() => formatTime(initial.to));
  const ids = { from: useId(), to: useId(), error: useId() };
  const range = readFetchRange(from, to, interval, now);
  const wrong = typeof range === 'string';
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
            setFrom(formatTime(listedAt ?? EXCHANGE_EPOCH_MS));
            setTo(formatTime(initial.to));
          }}
        >
          Everything
        </button>
      </div>
      {wrong ? (
        <p id={ids.error} className="alarm" role="alert">
          {range}
        </p>
      ) : (
        <RepairCard
          items={[{ key: seriesKey, range }]}
          verb="Fetch"
          nothing="Everything in this range is stored or known to be absent."
        />
      )}
    </div>
  );
}
