import { HOUR_MS, type Interval, intervalMs } from '@shared/market';

/** What a key press asks of a replay. */
export type ReplayAction =
  | { kind: 'toggle' }
  | { kind: 'step'; candles: number }
  | { kind: 'start' }
  | { kind: 'end' }
  | { kind: 'pace'; direction: 1 | -1 };

export interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/**
 * Action of a key, null for keys of others. With one series one event is one candle, so Shift with an arrow steps as the
 * arrow does. Page up is forward, as on every slider.
 */
export function replayAction(press: KeyPress, interval: Interval): ReplayAction | null {
  if (press.ctrlKey || press.altKey || press.metaKey) return null;
  const hour = Math.max(1, Math.round(HOUR_MS / intervalMs(interval)));
  switch (press.key) {
    case ' ':
      return { kind: 'toggle' };
    case 'ArrowLeft':
      return { kind: 'step', candles: -1 };
    case 'ArrowRight':
      return { kind: 'step', candles: 1 };
    case 'PageUp':
      return { kind: 'step', candles: hour };
    case 'PageDown':
      return { kind: 'step', candles: -hour };
    case 'Home':
      return { kind: 'start' };
    case 'End':
      return { kind: 'end' };
    case '+':
    case '=':
      return { kind: 'pace', direction: 1 };
    case '-':
    case '−':
    case '_':
      return { kind: 'pace', direction: -1 };
    default:
      return null;
  }
}

/** What has the keyboard, as far as it matters here. */
export interface FocusPlace {
  /** A field that takes text, or any control that has a use of its own for the key. */
  readonly usesKey: boolean;
  readonly insideDock: boolean;
  /** Nothing in particular has the focus. */
  readonly nowhere: boolean;
}

/** Keys belong to the replay when its dock has the focus, or nothing has; never when a field or another control uses them. */
export function replayHasKeys(place: FocusPlace): boolean {
  return !place.usesKey && (place.insideDock || place.nowhere);
}

/** Looks at the focused element: text fields use every key, buttons Space, sliders their arrows, dialogs all. */
export function focusPlaceOf(target: EventTarget | null, dock: HTMLElement, key: string): FocusPlace {
  const element = target instanceof HTMLElement ? target : null;
  const nowhere = !element || element === document.body || element === document.documentElement;
  const insideDock = element !== null && dock.contains(element);
  const range = element instanceof HTMLInputElement && element.type === 'range';
  const text =
    element !== null &&
    !range &&
    (element.isContentEditable || element.matches('input, textarea, select, [role="textbox"], [role="combobox"]'));
  const pressable = key === ' ' && element !== null && element.matches('button, a[href], summary');
  const adjustable = range && key !== ' ';
  const dialog = element?.closest('[role="dialog"], [role="menu"], [role="listbox"]') ?? null;
  return { usesKey: text || pressable || adjustable || dialog !== null, insideDock, nowhere };
}
