import { countBars, formatTime, type Grid } from '@shared/market';
import { Play } from 'lucide-react';
import { formatCount } from '../../charts';
import { PreflightLine } from './preflight-line';
import type { ReplayChoice } from './replay-range';
import { usePreflight } from './use-preflight';

interface StartBarProps {
  choices: readonly ReplayChoice[];
  seriesKey: string | null;
  grid: Grid | null;
  /** Changes with the coverage of the series. */
  revision: unknown;
  connected: boolean;
  onStart(choice: ReplayChoice): void;
}

const LABELS: Readonly<Record<ReplayChoice['name'], string>> = {
  visible: 'Replay from here',
  selection: 'Replay the selection',
  'to-newest': 'Replay to the newest candle',
};

/** Before a replay: what could be replayed, and the button that starts it. */
export function StartBar({ choices, seriesKey, grid, revision, connected, onStart }: StartBarProps) {
  const first = choices.find((choice) => choice.name === 'visible') ?? choices[0];
  const others = choices.filter((choice) => choice !== first);
  const preflight = usePreflight(seriesKey, first?.range ?? null, revision);
  return (
    <section className="tm-transport" aria-label="Replay">
      <button
        type="button"
        className="tm-start"
        data-testid="replay-from-here"
        disabled={!first || !connected}
        title={first ? rangeWords(first, grid) : 'There are no stored candles to replay here'}
        onClick={() => first && onStart(first)}
      >
        <Play />
        {first ? LABELS[first.name] : 'Replay from here'}
      </button>
      {others.map((choice) => (
        <button
          key={choice.name}
          type="button"
          className="tm-start tm-start-quiet"
          data-testid={`replay-${choice.name}`}
          disabled={!connected}
          title={rangeWords(choice, grid)}
          onClick={() => onStart(choice)}
        >
          {LABELS[choice.name]}
        </button>
      ))}
      <span className="tm-num tm-start-range">{first ? rangeWords(first, grid) : ''}</span>
      {first ? <PreflightLine state={preflight} connected={connected} /> : null}
    </section>
  );
}

function rangeWords({ range }: ReplayChoice, grid: Grid | null): string {
  const bars = grid ? ` · ${formatCount(countBars(grid, range))} bars` : '';
  return `${formatTime(range.from)} → ${formatTime(range.to)} UTC${bars}`;
}
