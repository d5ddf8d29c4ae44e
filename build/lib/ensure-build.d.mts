export function ensureBuild(): Promise<void>;
export function forceBuild(): Promise<void>;
export function isFresh(base?: string): boolean;
