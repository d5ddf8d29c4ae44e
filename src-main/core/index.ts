export { type Core, type CoreFlags, type CoreOptions, createCore } from './core';
export type { Running } from './handlers';
export { Services, type ServicesOptions } from './services';
export { loadSettings, type Settings, type SettingsInput } from './settings';
