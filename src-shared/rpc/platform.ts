import type { CancelSignal } from '../contract';

/** The few globals that every host has (Chromium, Node, Electron), declared here because shared code knows no DOM and no Node. */
interface Platform {
  AbortController: new () => { readonly signal: CancelSignal; abort(): void };
  structuredClone(value: unknown): unknown;
  queueMicrotask(task: () => void): void;
  setTimeout(task: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

export const platform = globalThis as unknown as Platform;
