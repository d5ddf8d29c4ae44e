import { type KeyboardEvent, type PointerEvent, useEffect, useState } from 'react';

const STORED = 'tapemend.dock';
/** What the chart takes of the window until the person says otherwise. */
const DEFAULT_SHARE = 0.335;
const HIGHEST_DEFAULT = 520;
const MIN_HEIGHT = 36;
const STEP = 24;
/** The strips keep at least this much. */
const STRIPS_ROOM = 150;
/** Header, toolbar, splitter, footer. */
const BARS = 124;

export interface DockHeight {
  readonly height: number;
  readonly max: number;
  set(height: number): void;
  /** Back to the height that suits the window. */
  reset(): void;
}

/** Height of the dock in CSS pixels: what the person set, within what the window allows. */
export function useDockHeight(): DockHeight {
  const [wanted, setWanted] = useState(() => Number(localStorage.getItem(STORED)) || null);
  const [windowHeight, setWindowHeight] = useState(innerHeight);
  useEffect(() => {
    const listener = () => setWindowHeight(innerHeight);
    window.addEventListener('resize', listener);
    return () => window.removeEventListener('resize', listener);
  }, []);
  const max = Math.max(MIN_HEIGHT, windowHeight - BARS - STRIPS_ROOM);
  const preset = Math.min(HIGHEST_DEFAULT, windowHeight * DEFAULT_SHARE);
  const clamp = (height: number) => Math.round(Math.min(max, Math.max(MIN_HEIGHT, height)));
  return {
    height: clamp(wanted ?? preset),
    max,
    reset: () => {
      localStorage.removeItem(STORED);
      setWanted(null);
    },
    set: (height) => {
      const next = clamp(height);
      localStorage.setItem(STORED, String(next));
      setWanted(next);
    },
  };
}

export function DockSplitter({ dock }: { dock: DockHeight }) {
  const drag = (event: PointerEvent<HTMLHRElement>) => {
    const target = event.currentTarget;
    const startY = event.clientY;
    const startHeight = dock.height;
    target.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent) => dock.set(startHeight + startY - moved.clientY);
    const stop = () => {
      target.removeEventListener('pointermove', move);
      target.removeEventListener('pointerup', stop);
      target.removeEventListener('pointercancel', stop);
    };
    target.addEventListener('pointermove', move);
    target.addEventListener('pointerup', stop);
    target.addEventListener('pointercancel', stop);
  };
  const keys = (event: KeyboardEvent) => {
    const next = { ArrowUp: dock.height + STEP, ArrowDown: dock.height - STEP, Home: 0, End: dock.max }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    dock.set(next);
  };
  return (
    <hr
      className="splitter"
      tabIndex={0}
      aria-orientation="horizontal"
      aria-label="Height of the chart"
      aria-valuenow={dock.height}
      aria-valuemin={MIN_HEIGHT}
      aria-valuemax={dock.max}
      onPointerDown={drag}
      onDoubleClick={() => (dock.height > MIN_HEIGHT ? dock.set(MIN_HEIGHT) : dock.reset())}
      onKeyDown={keys}
      data-testid="splitter"
    />
  );
}
