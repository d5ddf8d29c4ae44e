import { useLayoutEffect, useRef } from 'react';
import { useWindow } from '../../client';
import { RunsPainter, readStripsPalette } from '../coverage';
import { cellAt, type GridScene, gridSize, paintGrid } from './mark-grid-painter';

export interface MarkGridProps extends GridScene {
  /** Over a cell of the tally, or over none (-1); page pixels. */
  onHover(cell: number, x: number, y: number): void;
  onPick(cell: number): void;
}

/** Cells of time on a canvas. What it shows, rows beside it say in words. */
export function MarkGrid({ onHover, onPick, ...scene }: MarkGridProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const painter = useRef<RunsPainter>(null);
  const theme = useWindow((state) => state.theme);
  const size = gridSize(scene.place);
  const ratio = devicePixelRatio;

  useLayoutEffect(() => {
    void theme;
    const element = canvas.current!;
    const context = element.getContext('2d');
    if (!context) return;
    const [width, height] = [Math.ceil((size.width + 1) * ratio), Math.ceil((size.height + 1) * ratio)];
    if (element.width !== width) element.width = width;
    if (element.height !== height) element.height = height;
    const palette = readStripsPalette(element);
    painter.current ??= new RunsPainter(palette);
    painter.current.setPalette(palette);
    paintGrid(context, scene, painter.current, palette, ratio);
  });

  const cellUnder = (event: { clientX: number; clientY: number }) => {
    const box = canvas.current!.getBoundingClientRect();
    const place = cellAt(scene.place, event.clientX - box.left, event.clientY - box.top);
    return place ? scene.cellOf(place.row, place.column) : -1;
  };
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: it takes no focus; the rows beside it say what it shows.
    <canvas
      ref={canvas}
      className="mark-grid"
      style={{ width: size.width + 1, height: size.height + 1 }}
      aria-hidden="true"
      onPointerMove={(event) => onHover(cellUnder(event), event.clientX, event.clientY)}
      onPointerLeave={() => onHover(-1, 0, 0)}
      onClick={(event) => {
        const cell = cellUnder(event);
        if (cell >= 0) onPick(cell);
      }}
    />
  );
}
