import { describe, expect, it } from 'vitest';
import { readSwitches } from './switches';

describe('the app’s switches', () => {
  it('are found among those of Chromium and Playwright', () => {
    const argv = ['electron', '.', '--inspect=0', '--no-sandbox', '--workspace', 'data', '--practice', '--lang=en'];
    expect(readSwitches(argv)).toEqual({ ok: true, data: { workspace: 'data', practice: true, demo: false } });
    expect(readSwitches(['app', '--demo', '--workspace=a b'])).toEqual({
      ok: true,
      data: { workspace: 'a b', practice: false, demo: true },
    });
  });

  it.each([[['--workspace']], [['--workspace=']], [['--workspace', '--practice']]])(
    'do not take %j for a folder',
    (argv) => {
      expect(readSwitches(argv)).toMatchObject({ ok: false, error: { code: 'usage.workspace' } });
    },
  );
});
