import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applicationDataFolder, defaultWorkspace, workspacePath } from './workspace-path';

const linux = { platform: 'linux', env: {}, home: '/home/ann' } as const;

describe('the workspace', () => {
  it('lies where the platform keeps application data', () => {
    expect(defaultWorkspace(false, linux)).toBe('/home/ann/.config/Tapemend/workspace');
    expect(defaultWorkspace(false, { ...linux, env: { XDG_CONFIG_HOME: '/x' } })).toBe('/x/Tapemend/workspace');
    expect(applicationDataFolder({ ...linux, platform: 'darwin' })).toBe(
      '/home/ann/Library/Application Support/Tapemend',
    );
    expect(
      defaultWorkspace(false, { platform: 'win32', env: { APPDATA: 'C:\\Roaming' }, home: 'C:\\Users\\Ann' }),
    ).toBe('C:\\Roaming\\Tapemend\\workspace');
    expect(applicationDataFolder({ platform: 'win32', env: {}, home: 'C:\\Users\\Ann' })).toBe(
      'C:\\Users\\Ann\\AppData\\Roaming\\Tapemend',
    );
  });

  it('is the flag, else the environment, else the default; an empty one does not count', () => {
    const env = { TAPEMEND_WORKSPACE: 'env' };
    expect(workspacePath('flag', true, { ...linux, env }, '/cwd')).toBe(resolve('/cwd/flag'));
    expect(workspacePath(null, true, { ...linux, env }, '/cwd')).toBe(resolve('/cwd/env'));
    expect(workspacePath('', false, { ...linux, env: { TAPEMEND_WORKSPACE: '' } }, '/cwd')).toBe(
      defaultWorkspace(false, linux),
    );
  });

  it('that nobody named is another one for practice, so that invented candles never lie among real ones', () => {
    expect(workspacePath(null, true, linux)).toBe('/home/ann/.config/Tapemend/practice');
    expect(workspacePath(null, true, linux)).not.toBe(workspacePath(null, false, linux));
  });
});
