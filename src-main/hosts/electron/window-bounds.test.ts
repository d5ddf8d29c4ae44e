import { describe, expect, it } from 'vitest';
import { boundsFrom } from './window-bounds';

const SCREEN = { x: 0, y: 0, width: 1920, height: 1080 };
const SAVED = { x: 100, y: 50, width: 1200, height: 800, maximized: false };

describe('window bounds', () => {
  it('come back as they were', () => {
    expect(boundsFrom(SAVED, [SCREEN])).toEqual({
      position: { x: 100, y: 50 },
      width: 1200,
      height: 800,
      maximized: false,
    });
  });

  it.each([
    ['right of every screen', { ...SAVED, x: 1900 }],
    ['left of every screen', { ...SAVED, x: -1150 }],
    ['above every screen', { ...SAVED, y: -20 }],
    ['below every screen', { ...SAVED, y: 1000 }],
  ])('do not put the title bar %s, where nobody could reach it', (_where, saved) => {
    expect(boundsFrom(saved, [SCREEN]).position).toBeNull();
  });

  it('may lie on a second screen', () => {
    const second = { x: -1920, y: 0, width: 1920, height: 1080 };
    expect(boundsFrom({ ...SAVED, x: -1800 }, [SCREEN, second]).position).toEqual({ x: -1800, y: 50 });
  });

  it('are never smaller than the layout allows', () => {
    expect(boundsFrom({ ...SAVED, width: 10, height: 10 }, [SCREEN])).toMatchObject({ width: 1024, height: 640 });
  });

  it.each([null, 7, 'x', [], {}, { ...SAVED, width: '1200' }, { ...SAVED, x: Number.NaN }, { ...SAVED, y: 1e9 }])(
    'fall back to the default for %j',
    (nonsense) => {
      expect(boundsFrom(nonsense, [SCREEN])).toEqual({ position: null, width: 1440, height: 900, maximized: false });
    },
  );
});
