import { INTERVALS, type Interval } from '@shared/market';
import type { SeriesChoice } from './universe-filter';

export interface IntervalListProps {
  chosen: ReadonlySet<SeriesChoice>;
  /** Intervals that the market has. */
  offered: readonly Interval[];
  onChosen(chosen: ReadonlySet<SeriesChoice>): void;
}

export function IntervalList({ chosen, offered, onChosen }: IntervalListProps) {
  const toggle = (choice: SeriesChoice) => {
    const next = new Set(chosen);
    if (!next.delete(choice)) next.add(choice);
    onChosen(next);
  };
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
              onClick={() => toggle(interval)}
            >
              {interval}
            </button>
          );
        })}
        <button
          type="button"
          className="chip"
          aria-pressed={chosen.has('trades')}
          title="Aggregate trades, counted in minutes"
          data-testid="interval-trades"
          onClick={() => toggle('trades')}
        >
          trades
        </button>
      </div>
      <p className="dim">
        Higher intervals can be rolled up from 1m when a chart needs them; a series of its own keeps the exchange's
        values.
      </p>
    </fieldset>
  );
}
