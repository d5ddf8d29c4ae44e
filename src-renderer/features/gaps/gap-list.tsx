// biome-ignore-all lint/a11y/useSemanticElements: a windowed grid of absolutely placed rows is no table.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and names the active row.
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type Ref, useCallback, useEffect, useImperativeHandle, useRef, useState } from 'react';
import { selectGaps, sentenceOf, useSession, useWindow } from '../../client';
import { EvidenceLoader } from './evidence-loader';
import { GapListHead } from './gap-list-head';
import { GapListRow, gapRowId } from './gap-list-row';
import { useGapList } from './gap-list-store';
import { NO_PICKS, type PickGap, type Picks, pickAll, pickGap } from './gap-picks';
import type { GapRow } from './gap-rows';
import { gapTries } from './gap-tries';

const ROW = 30;

/** What the keyboard may ask of a view that walks gaps in its own order. */
export interface GapWalker {
  moveGap(step: 1 | -1): void;
}

export interface GapListProps {
  ref: Ref<GapWalker>;
  rows: readonly GapRow[];
  /** Stands where rows would stand. */
  instead: string | null;
  onOpen(row: GapRow): void;
}

/** The gaps as a grid of which only the rows on screen are in the document; only of those the evidence is asked. */
export function GapList({ ref, rows, instead, onOpen }: GapListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const picks = useGapList((state) => state.picks);
  const latest = useRef(rows);
  latest.current = rows;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const loader = useEvidence(items.map(({ index }) => rows[index]).filter((row) => row !== undefined));
  useDroppedSelection();

  const apply = useCallback((next: Picks) => {
    useGapList.setState({ picks: next });
    selectGaps(latest.current.filter(({ id }) => next.ids.has(id)).map(({ key, span }) => ({ key, span })));
  }, []);
  const pick = useCallback(
    (index: number, how: PickGap) => {
      setActive(index);
      scroller.current?.focus({ preventScroll: true });
      apply(pickGap(useGapList.getState().picks, latest.current, index, how));
    },
    [apply],
  );
  const toggle = useCallback((id: string) => setOpen((before) => toggled(before, id)), []);
  const openRow = useCallback(
    (index: number) => {
      const row = latest.current[index];
      if (row) onOpen(row);
    },
    [onOpen],
  );
  const at = Math.min(active, rows.length - 1);
  const moveTo = (index: number, how: PickGap | null) => {
    const next = Math.min(rows.length - 1, Math.max(0, index));
    if (next < 0) return;
    setActive(next);
    virtual.scrollToIndex(next);
    if (how) apply(pickGap(picks, rows, next, how));
  };
  useImperativeHandle(ref, () => ({
    moveGap: (step) => moveTo(picks.ids.size === 0 ? (step === 1 ? 0 : rows.length - 1) : at + step, 'alone'),
  }));

  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW) / ROW) - 1);
    const end = rows.length - 1;
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: end,
    };
    const target = steps[event.key];
    const row = rows[at];
    if (target !== undefined) {
      if (event.ctrlKey) moveTo(target, null);
      else moveTo(target, event.shiftKey ? 'extend' : 'alone');
    } else if (event.key === ' ') moveTo(at, 'toggle');
    else if (event.key === 'a' && event.ctrlKey) apply(pickAll(rows));
    else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      if (row && open.has(row.id) !== (event.key === 'ArrowRight')) toggle(row.id);
    } else if (event.key === 'Enter' && row) onOpen(row);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      className="gap-lines"
      role="grid"
      tabIndex={0}
      aria-label="Gaps. Arrow keys move, Shift selects up to there, Space one more, right arrow shows all evidence."
      aria-rowcount={rows.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={items.some(({ index }) => index === at) ? gapRowId(rows[at]!) : undefined}
      data-testid="gap-list"
      data-rows={rows.length}
      onKeyDown={onKeyDown}
    >
      <GapListHead />
      <div className="gap-lines-inner" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const row = rows[index];
          return (
            row && (
              <GapListRow
                key={row.id}
                ref={virtual.measureElement}
                row={row}
                index={index}
                top={start}
                isPicked={picks.ids.has(row.id)}
                isActive={index === at}
                isOpen={open.has(row.id)}
                evidence={loader.get(row.id)}
                onPick={pick}
                onToggle={toggle}
                onOpen={openRow}
              />
            )
          );
        })}
      </div>
      {instead && <p className="gap-lines-none dim">{instead}</p>}
    </div>
  );
}

/** Asks for the evidence of these rows, and draws again when some is there. */
function useEvidence(rows: readonly GapRow[]): EvidenceLoader {
  const session = useSession();
  const [loader] = useState(
    () =>
      new EvidenceLoader(async (key, at) => {
        const { span } = await session.call('coverage.explain', { key, at });
        return { lines: span.evidence, tries: gapTries(span) };
      }, sentenceOf),
  );
  const [, redraw] = useState(0);
  useEffect(() => loader.subscribe(() => redraw((n) => n + 1)), [loader]);
  useEffect(() => session.coverage.subscribe((keys) => loader.outdate(keys)), [loader, session]);
  const ids = rows.map(({ id }) => id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `ids` stands for the rows.
  useEffect(() => loader.want(rows), [loader, ids]);
  return loader;
}

/** What is selected elsewhere is not picked here any more. */
function useDroppedSelection(): void {
  const selection = useWindow((state) => state.selection);
  useEffect(() => {
    if (selection?.kind === 'gaps') return;
    const { picks } = useGapList.getState();
    const id = selection?.kind === 'span' ? `${selection.key} ${selection.span.from} ` : null;
    if ([...picks.ids].some((each) => id === null || !each.startsWith(id))) useGapList.setState({ picks: NO_PICKS });
  }, [selection]);
}

function toggled(before: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(before);
  if (!next.delete(id)) next.add(id);
  return next;
}
