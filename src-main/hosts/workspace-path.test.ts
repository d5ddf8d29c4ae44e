import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { applicationDataFolder, defaultWorkspace, workspacePath } from './workspace-path';

const linux = { platform: 'linux', env: {}, home: '/home/ann' } as const;

describe('the workspace', () => {
  it('lies where the platform keeps application data', () => {
    expect(defaultWorkspace(linux)).toBe('/home/ann/.config/Tapemend/workspace');
    expect(defaultWorkspace({ ...linux, env: { XDG_CONFIG_HOME: '/x' } })).toBe('/x/Tapemend/workspace');
    expect(applicationDataFolder({ ...linux, platform: 'darwin' })).toBe(
      '/home/ann/Library/Application Support/Tapemend',
    );
    expect(defaultWorkspace({ platform: 'win32', env: { APPDATA: 'C:\\Roaming' }, home: 'C:\\Users\\Ann' })).toBe(
      'C:\\Roaming\\Tapemend\\workspace',
    );
    expect(applicationDataFolder({ platform: 'win32', env: {}, home: 'C:\\Users\\Ann' })).toBe(
      'C:\\Users\\Ann\\AppData\\Roaming\\Tapemend',
    );
  });

  it('is the flag, else the environment, else the default; an empty one does not count', () => {
    const env = { TAPEMEND_WORKSPACE: 'env' };
    expect(workspacePath('flag', { ...linux, env }, '/cwd')).toBe(resolve('/cwd/flag'));
    expect(workspacePath(null, { ...linux, env }, '/cwd')).toBe(resolve('/cwd/env'));
    expect(workspacePath('', { ...linux, env: { TAPEMEND_WORKSPACE: '' } }, '/cwd')).toBe(defaultWorkspace(linux));
  });
});
