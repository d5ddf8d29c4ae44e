import type { Range } from '@shared/market';
import type { Place, PlaceRange, Viewport } from './matrix-layout';
import type { MatrixModel } from './matrix-model';

/** Everything that one frame shows. */
export interface MatrixScene extends Viewport {
  layout: Viewport['layout'];
  lines: number;
  /** CSS pixels of the canvas, without the heads. */
  width: number;
  height: number;
  scrollTop: number;
  scrollLeft: number;
  ratio: number;
  model: MatrixModel;
  /** The time that every strip shows. */
  extent: Range;
  selectedKeys: ReadonlySet<string>;
  /** The cell of the keyboard; outlined while the matrix has the focus. */
  active: Place | null;
  focused: boolean;
  hover: Place | null;
  /** What a drag covers before it is let go. */
  lasso: PlaceRange | null;
  /** Ranges under way, by series. */
  working: ReadonlyMap<string, readonly Range[]>;
  /** Offset of the moving stripes in CSS pixels. */
  stripePhase: number;
}
