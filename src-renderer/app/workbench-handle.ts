import { setView, useWindow } from '../client';
import type { StripsHandle } from '../features/coverage';

/** Parts of the workbench that keyboard and dialogs reach; filled while it is mounted. */
export interface WorkbenchHandle {
  readonly strips: { current: StripsHandle | null };
  readonly filter: { current: HTMLInputElement | null };
  /** Does something on the strips; when the matrix is in their place, they are brought back first. */
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
    filter: { current: null },
    onStrips(act) {
      if (mounted) act(mounted);
      else if (useWindow.getState().view === 'matrix') {
        waiting = act;
        setView('strips');
      }
    },
  };
}
