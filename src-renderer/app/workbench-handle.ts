import type { StripsHandle } from '../features/coverage';

/** Parts of the workbench that keyboard and dialogs reach; filled while it is mounted. */
export interface WorkbenchHandle {
  readonly strips: { current: StripsHandle | null };
  readonly filter: { current: HTMLInputElement | null };
}

export function createWorkbenchHandle(): WorkbenchHandle {
  return { strips: { current: null }, filter: { current: null } };
}
