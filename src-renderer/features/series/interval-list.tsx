import { INTERVALS, type Interval } from '@shared/market';

export interface IntervalListProps {
  chosen: ReadonlySet<Interval>;
  /** Intervals that the market has. */
  offered: readonly Interval[];
  onChosen(chosen: ReadonlySet<Interval>): void;
}

export function IntervalList({ chosen, offered, onChosen }: IntervalListProps) {
  return (
    <fieldset className="intervals">
      <legend>Intervals</legend>
      <div className="interval-grid">
        {INTERVALS.map((interval) => {
          const has = offered.includes(interval);
          return (
            <button
              key={interval}
              type="button"
              className="chip num"
              aria-pressed={has && chosen.has(interval)}
              disabled={!has}
              title={has ? undefined : 'Only spot has candles of a second'}
              data-testid={`interval-${interval}`}
              onClick={() => {
                const next = new Set(chosen);
                if (!next.delete(interval)) next.add(interval);
                onChosen(next);
              }}
            >
              {interval}
            </button>
          );
        })}
      </div>
      <p className="dim">
        Higher intervals can be rolled up from 1m when a chart needs them; a series of its own keeps the exchange's
        values.
      </p>
    </fieldset>
  );
}
