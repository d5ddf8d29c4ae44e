import { describe, expect, it } from 'vitest';
import { commandOf, type KeyPress } from './keyboard';

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  ...held,
});

describe('keyboard map', () => {
  it.each([
    ['/', 'filter'],
    ['?', 'help'],
    ['g', 'go-to-time'],
    ['R', 'repair'],
    ['f', 'findings'],
    ['O', 'outages'],
    ['A', 'adoption'],
    ['Q', 'queue'],
    ['m', 'view'],
    ['c', 'calendar'],
    ['T', 'gaps'],
    ['Escape', 'back'],
  ])('%s does nothing outside of the strips', (key, command) => {
    expect(commandOf(press(key), false)).toEqual({ do: command });
  });

  it.each(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Enter', '+', '-', '0'])(
    '%s is taken from lists and fields beside the strips',
    (key) => {
      expect(commandOf(press(key), false)).toBeNull();
      expect(commandOf(press(key), true)).not.toBeNull();
    },
  );

  it('takes a key of the browser or the desktop', () => {
    expect(commandOf(press('ArrowLeft', { altKey: true }), true)).toBeNull();
    expect(commandOf(press('r', { ctrlKey: true }), true)).toBeNull();
    expect(commandOf(press('r', { metaKey: true }), true)).toBeNull();
  });

  it('has no keyboard way for a drag', () => {
    expect(commandOf(press('ArrowRight', { ctrlKey: true }), true)).toEqual({ do: 'pan', step: 1 });
    expect(commandOf(press('ArrowRight', { shiftKey: true }), true)).toEqual({ do: 'extend', step: 1 });
    expect(commandOf(press('ArrowDown', { shiftKey: true }), true)).toEqual({ do: 'row', step: 1, extend: true });
  });

  it('walks the gaps the wrong way', () => {
    expect(commandOf(press('['), false)).toEqual({ do: 'next-gap', step: -1 });
    expect(commandOf(press(']'), false)).toEqual({ do: 'next-gap', step: 1 });
  });
});
