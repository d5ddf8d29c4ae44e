import { setView, useWindow } from '../client';
import type { CalendarWalker } from '../features/calendar';
import type { StripsHandle } from '../features/coverage';
import type { GapWalker } from '../features/gaps';

/** Parts of the workbench that keyboard and dialogs reach; filled while it is mounted. */
export interface WorkbenchHandle {
  readonly strips: { current: StripsHandle | null };
  /** The view that walks gaps in an order of its own, while one is shown. */
  readonly walker: { current: GapWalker | CalendarWalker | null };
  readonly filter: { current: HTMLInputElement | null };
  /** Does something on the strips; when another view is in their place, they are brought back first. */
  onStrips(act: (strips: StripsHandle) => void): void;
}

export function createWorkbenchHandle(): WorkbenchHandle {
  let mounted: StripsHandle | null = null;
  let waiting: ((strips: StripsHandle) => void) | null = null;
  return {
    strips: {
      get current() {
        return mounted;
      },
      set current(strips) {
        mounted = strips;
        if (!strips) return;
        waiting?.(strips);
        waiting = null;
      },
    },
    walker: { current: null },
    filter: { current: null },
    onStrips(act) {
      if (mounted) act(mounted);
      else if (useWindow.getState().view !== 'strips') {
        waiting = act;
        setView('strips');
      }
    },
  };
}
