import { INTERVALS, type Interval } from '@shared/market';
import { Hand, Plus, SquareDashedMousePointer, ZoomIn, ZoomOut } from 'lucide-react';
import { openDialog, setView, useCoverageVersion, useSession, useWindow, type ViewName } from '../client';
import { Button, formatCount, IconButton } from '../components';
import { type DragMode, rangeOf, type StripsHandle, scaleText, shownText, useStripsView } from '../features/coverage';
import { MatrixTools } from '../features/matrix';

export interface ToolbarProps {
  dragMode: DragMode;
  onDragMode(mode: DragMode): void;
  strips: { current: StripsHandle | null };
}

const DAY = 86_400_000;
const PRESETS: readonly [string, number | null][] = [
  ['1D', DAY],
  ['1M', 30 * DAY],
  ['1Y', 365 * DAY],
  ['All', null],
];
/** More interval chips than these would push the rest aside. */
const CHIPS = 6;

/** Which view of which series, and how it is arranged. */
export function Toolbar({ dragMode, onDragMode, strips }: ToolbarProps) {
  const view = useWindow((state) => state.view);
  return (
    <div className="toolbar" role="toolbar" aria-label="View">
      <ViewSwitch />
      <ActionFilter />
      <IntervalFilter />
      <span className="grow" />
      {view === 'matrix' && <MatrixTools />}
      {view === 'strips' && <TimeTools dragMode={dragMode} onDragMode={onDragMode} strips={strips} />}
      <Button kind="primary" className="toolbar-add" data-testid="add-series" onClick={() => openDialog('add-series')}>
        <Plus size={15} aria-hidden="true" />
        Add series
      </Button>
    </div>
  );
}

const VIEWS: readonly [ViewName, string, string][] = [
  ['strips', 'Strips', 'M'],
  ['matrix', 'Matrix', 'M'],
  ['calendar', 'Calendar', 'C'],
  ['gaps', 'Gaps', 'T'],
];

function ViewSwitch() {
  const view = useWindow((state) => state.view);
  return (
    <fieldset className="segments" aria-label="View">
      {VIEWS.map(([name, words, key]) => (
        <button
          key={name}
          type="button"
          aria-pressed={view === name}
          aria-keyshortcuts={key.toLowerCase()}
          title={`${words} (${key})`}
          data-testid={`view-${name}`}
          onClick={() => setView(name)}
        >
          {words}
        </button>
      ))}
    </fieldset>
  );
}

/** Which time the strips show, and what dragging on them does. */
function TimeTools({ dragMode, onDragMode, strips }: ToolbarProps) {
  const showLast = (length: number | null) => {
    if (length === null) strips.current?.showAll();
    else strips.current?.showLast(length);
  };
  return (
    <>
      <ViewedRange />
      <fieldset className="segments" aria-label="Time shown">
        {PRESETS.map(([label, length]) => (
          <button
            key={label}
            type="button"
            title={length === null ? 'Show all (0)' : `Show the last ${label}`}
            onClick={() => showLast(length)}
          >
            {label}
          </button>
        ))}
      </fieldset>
      <fieldset className="segments toolbar-zoom" aria-label="Zoom">
        <IconButton label="Zoom out" shortcut="−" onClick={() => strips.current?.zoom(1 / 1.6)}>
          <ZoomOut size={15} />
        </IconButton>
        <IconButton label="Zoom in" shortcut="+" onClick={() => strips.current?.zoom(1.6)}>
          <ZoomIn size={15} />
        </IconButton>
      </fieldset>
      <fieldset className="segments" aria-label="What dragging does">
        <IconButton
          label="Drag moves in time"
          pressed={dragMode === 'pan'}
          data-testid="mode-pan"
          onClick={() => onDragMode('pan')}
        >
          <Hand size={15} />
        </IconButton>
        <IconButton
          label="Drag selects a range"
          shortcut="Shift and drag"
          pressed={dragMode === 'select'}
          data-testid="mode-select"
          onClick={() => onDragMode('select')}
        >
          <SquareDashedMousePointer size={15} />
        </IconButton>
      </fieldset>
    </>
  );
}

function ViewedRange() {
  const view = useStripsView((state) => state.view);
  if (!view) return null;
  return (
    <>
      <span className="num dim toolbar-range" data-testid="view-range" title="What the strips show, UTC">
        {shownText(rangeOf(view), view.msPerPx)}
      </span>
      <span className="num dim toolbar-scale" data-testid="view-scale">
        {scaleText(view.msPerPx)}
      </span>
    </>
  );
}

function ActionFilter() {
  const { coverage } = useSession();
  useCoverageVersion();
  const series = useWindow((state) => state.series);
  const needsAction = useWindow((state) => state.needsAction);
  const needy = series?.filter((each) => (coverage.get(each.key)?.alarming ?? 0) > 0).length ?? 0;
  return (
    <fieldset className="segments" aria-label="Series shown">
      <button type="button" aria-pressed={!needsAction} onClick={() => useWindow.setState({ needsAction: false })}>
        All <span className="num">{formatCount(series?.length ?? 0)}</span>
      </button>
      <button
        type="button"
        aria-pressed={needsAction}
        data-testid="needs-action"
        onClick={() => useWindow.setState({ needsAction: true })}
      >
        Needs action <span className={`num ${needy > 0 ? 'alarm' : ''}`}>{formatCount(needy)}</span>
      </button>
    </fieldset>
  );
}

function IntervalFilter() {
  const series = useWindow((state) => state.series);
  const chosen = useWindow((state) => state.intervals);
  const there = INTERVALS.filter((interval) => series?.some((each) => each.interval === interval));
  if (there.length < 2) return null;
  const toggle = (interval: Interval) =>
    useWindow.setState({
      intervals: chosen.includes(interval) ? chosen.filter((each) => each !== interval) : [...chosen, interval],
    });
  return (
    <fieldset className="chips toolbar-intervals" aria-label="Intervals shown">
      {there.slice(0, CHIPS).map((interval) => (
        <button
          key={interval}
          type="button"
          className="chip num"
          aria-pressed={chosen.includes(interval)}
          onClick={() => toggle(interval)}
        >
          {interval}
        </button>
      ))}
    </fieldset>
  );
}
