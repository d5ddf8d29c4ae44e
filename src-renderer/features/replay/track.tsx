import { formatTime, type Grid, type Range, type Span } from '@shared/market';
import { type PointerEvent, type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { TrackCanvas } from './track-canvas';
import { seekTarget } from './track-scale';

export interface TrackHandle {
  /** Draws the playhead; called once per animation frame. */
  draw(playhead: number | null): void;
  setTheme(): void;
}

interface TrackProps {
  ref: Ref<TrackHandle>;
  range: Range;
  spans: readonly Span[];
  grid: Grid;
  playhead: number;
  disabled: boolean;
  onSeek(to: number): void;
}

/** The range of a replay as a slider: shows its gaps, seeks by click and drag. The keyboard is the dock's. */
export function Track({ ref, range, spans, grid, playhead, disabled, onSeek }: TrackProps) {
  const element = useRef<HTMLCanvasElement>(null);
  const canvas = useRef<TrackCanvas | null>(null);
  const ghost = useRef<number | null>(null);
  const dragging = useRef(false);

  useEffect(() => {
    if (!element.current) return;
    const track = new TrackCanvas(element.current);
    canvas.current = track;
    return () => {
      track.destroy();
      canvas.current = null;
    };
  }, []);
  useEffect(() => canvas.current?.show(range, spans), [range, spans]);
  useImperativeHandle(
    ref,
    () => ({
      draw: (at) => canvas.current?.draw(at, ghost.current),
      setTheme: () => canvas.current?.setTheme(),
    }),
    [],
  );

  const targetOf = (event: PointerEvent): number | null => {
    const [track, box] = [canvas.current, element.current?.getBoundingClientRect()];
    return track && box ? seekTarget(track.scale, event.clientX - box.left, grid) : null;
  };
  const move = (event: PointerEvent) => {
    ghost.current = targetOf(event);
    if (ghost.current === null || !element.current) return;
    element.current.title = `${formatTime(ghost.current)} UTC`;
    if (dragging.current) onSeek(ghost.current);
  };

  return (
    <canvas
      ref={element}
      className="tm-track"
      data-testid="replay-track"
      role="slider"
      tabIndex={disabled ? -1 : 0}
      aria-label="Playhead"
      aria-orientation="horizontal"
      aria-disabled={disabled}
      aria-valuemin={range.from}
      aria-valuemax={range.to}
      aria-valuenow={playhead}
      aria-valuetext={`${formatTime(playhead)} UTC`}
      onPointerDown={(event) => {
        if (disabled || event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        dragging.current = true;
        move(event);
      }}
      onPointerMove={move}
      onPointerUp={() => {
        dragging.current = false;
      }}
      onPointerCancel={() => {
        dragging.current = false;
      }}
      onPointerLeave={() => {
        if (!dragging.current) ghost.current = null;
      }}
    />
  );
}
