/** The families of the window's texts, for a canvas, which knows no custom properties. */
export const SANS = '"Inter Variable", system-ui, sans-serif';
export const MONO = '"JetBrains Mono Variable", ui-monospace, monospace';
