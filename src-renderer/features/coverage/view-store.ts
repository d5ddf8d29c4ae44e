import { create } from 'zustand';
import type { TimeView } from './time-view';

/** What the strips show, ten times a second at most. A store of its own, so that a pan redraws the two numbers that tell it and no more. */
export const useStripsView = create<{ view: TimeView | null }>()(() => ({ view: null }));
