import { describe, expect, it } from 'vitest';
import { replayAction, replayHasKeys } from './replay-keys';

const press = (key: string, rest = {}) => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  ...rest,
});

describe('replayAction', () => {
  it('steps one hour in candles of the interval, at least one', () => {
    expect(replayAction(press('PageUp'), '1m')).toEqual({ kind: 'step', candles: 60 });
    expect(replayAction(press('PageDown'), '15m')).toEqual({ kind: 'step', candles: -4 });
    expect(replayAction(press('PageUp'), '1d')).toEqual({ kind: 'step', candles: 1 });
  });

  it('leaves key combinations of browser and window alone', () => {
    for (const modifier of ['ctrlKey', 'altKey', 'metaKey'])
      expect(replayAction(press('ArrowLeft', { [modifier]: true }), '1m')).toBeNull();
    expect(replayAction(press('r'), '1m')).toBeNull();
  });

  it('knows the keys of the table', () => {
    expect(replayAction(press(' '), '1m')).toEqual({ kind: 'toggle' });
    expect(replayAction(press('ArrowRight', { shiftKey: true }), '1m')).toEqual({ kind: 'step', candles: 1 });
    expect(replayAction(press('Home'), '1m')).toEqual({ kind: 'start' });
    expect(replayAction(press('End'), '1m')).toEqual({ kind: 'end' });
    expect(replayAction(press('+', { shiftKey: true }), '1m')).toEqual({ kind: 'pace', direction: 1 });
    expect(replayAction(press('-'), '1m')).toEqual({ kind: 'pace', direction: -1 });
  });
});

it('keys never reach the replay from a text field, nor from controls elsewhere', () => {
  expect(replayHasKeys({ usesKey: true, insideDock: true, nowhere: false })).toBe(false);
  expect(replayHasKeys({ usesKey: false, insideDock: false, nowhere: false })).toBe(false);
  expect(replayHasKeys({ usesKey: false, insideDock: true, nowhere: false })).toBe(true);
  expect(replayHasKeys({ usesKey: false, insideDock: false, nowhere: true })).toBe(true);
});
