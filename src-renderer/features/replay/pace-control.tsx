import type { ReplayPace } from '@shared/contract';
import type { Interval } from '@shared/market';
import { PACE_PLACES, paceAt, paceInBars, paceInTime, placeOf, shortNumber } from './pace';

interface PaceControlProps {
  pace: ReplayPace;
  interval: Interval;
  /** Candles per second really reached; null when nothing plays. */
  achieved: number | null;
  onPace(pace: ReplayPace): void;
}

/** The asked pace in both units on a logarithmic slider, and beside it what is reached. */
export function PaceControl({ pace, interval, achieved, onPace }: PaceControlProps) {
  const inTime = pace === 'max' ? null : paceInTime(pace, interval);
  const words = inTime ? `${inTime} · ${paceInBars(pace)}` : 'max';
  return (
    <div className="tm-pace" data-testid="replay-pace">
      <input
        type="range"
        min={0}
        max={PACE_PLACES}
        step={1}
        value={placeOf(pace)}
        aria-label="Pace"
        aria-valuetext={words}
        title="Pace: + and − change it"
        onChange={(event) => onPace(paceAt(Number(event.target.value)))}
      />
      <output className="tm-num tm-pace-asked">{words}</output>
      <output className="tm-num tm-pace-achieved" title="Reached over the last second" hidden={achieved === null}>
        {achieved === null ? '' : `reached ${shortNumber(achieved)}/s`}
      </output>
    </div>
  );
}
