import type { AppState, JobProgress, Receipt, SeriesSummary } from '@shared/contract';
import type { Interval, Range, Span } from '@shared/market';
import type { ConnectionState } from '@shared/rpc';
import { create } from 'zustand';

export type Theme = 'dark' | 'light';

/** What the person points at; strips, inspector and dock all speak of it. */
export type Selection =
  | { readonly kind: 'series'; readonly key: string }
  | { readonly kind: 'list'; readonly keys: readonly string[] }
  | { readonly kind: 'span'; readonly key: string; readonly span: Span }
  | { readonly kind: 'range'; readonly keys: readonly string[]; readonly range: Range }
  /** Several gaps; `keys` has each of their series once. */
  | { readonly kind: 'gaps'; readonly keys: readonly string[]; readonly gaps: readonly SeriesGap[] };

export interface SeriesGap {
  readonly key: string;
  readonly span: Span;
}

export interface Focus {
  readonly at: number;
  readonly range?: Range;
}

/** Views of the same coverage. */
export const VIEW_NAMES = ['strips', 'matrix', 'calendar', 'gaps'] as const;
export type ViewName = (typeof VIEW_NAMES)[number];

export type DialogName = 'add-series' | 'adoption' | 'findings' | 'outages' | 'help' | 'go-to-time';

/** State of the window that React draws: small, changed at most a few times a second. Spans and pixels live elsewhere. */
export interface WindowState {
  connection: ConnectionState;
  app: AppState | null;
  /** null until the list has been read. */
  series: readonly SeriesSummary[] | null;
  /** Why the list or coverage could not be read, in a sentence. */
  seriesError: string | null;
  /** Newest first. */
  jobs: readonly JobProgress[];
  receipts: Readonly<Record<string, Receipt>>;
  /** Which job was started for which selection (by `repairId` of features/gaps), so that its progress and receipt stand where the plan stood. */
  jobOfSelection: Readonly<Record<string, string>>;
  theme: Theme;
  view: ViewName;
  filter: string;
  intervals: readonly Interval[];
  needsAction: boolean;
  selection: Selection | null;
  focus: Focus | null;
  dialog: DialogName | null;
  queueOpen: boolean;
  /** Said to screen readers, politely. */
  announcement: string;
}

const THEME_KEY = 'tapemend.theme';
const VIEW_KEY = 'tapemend.view';

function initialTheme(): Theme {
  // The store is also loaded by unit tests, where there is no window.
  if (typeof window === 'undefined') return 'dark';
  const stored = localStorage.getItem(THEME_KEY);
  if (stored === 'dark' || stored === 'light') return stored;
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}

function initialView(): ViewName {
  if (typeof window === 'undefined') return 'strips';
  const stored = localStorage.getItem(VIEW_KEY);
  return VIEW_NAMES.find((name) => name === stored) ?? 'strips';
}

export const useWindow = create<WindowState>()(() => ({
  connection: { phase: 'connecting' },
  app: null,
  series: null,
  seriesError: null,
  jobs: [],
  receipts: {},
  jobOfSelection: {},
  theme: initialTheme(),
  view: initialView(),
  filter: '',
  intervals: [],
  needsAction: false,
  selection: null,
  focus: null,
  dialog: null,
  queueOpen: false,
  announcement: '',
}));

/** Colours change before anything that reads them is told. */
export function setTheme(theme: Theme): void {
  localStorage.setItem(THEME_KEY, theme);
  showTheme(theme);
  useWindow.setState({ theme });
}

export function setView(view: ViewName): void {
  localStorage.setItem(VIEW_KEY, view);
  useWindow.setState({ view });
}

/** Goes along with the system's theme until a person has chosen one. */
export function followSystemTheme(): void {
  matchMedia('(prefers-color-scheme: light)').addEventListener('change', () => {
    if (localStorage.getItem(THEME_KEY) !== null) return;
    const theme = initialTheme();
    showTheme(theme);
    useWindow.setState({ theme });
  });
}

/** Puts the theme's colours on the page; once before the first render too. */
export function showTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}

export function openDialog(dialog: DialogName | null): void {
  useWindow.setState({ dialog });
}

/** Selects, and moves the time that the chart centres on along. */
export function select(selection: Selection | null, at?: number): void {
  const range = selection?.kind === 'span' ? selection.span : selection?.kind === 'range' ? selection.range : null;
  const moment = at ?? (range ? (range.from + range.to) / 2 : null);
  useWindow.setState((state) => ({
    selection,
    focus:
      moment === null ? state.focus : { at: moment, ...(range ? { range: { from: range.from, to: range.to } } : {}) },
  }));
}

/** Keys that a selection names; the first one is the series shown in the dock. */
export function selectedKeys(selection: Selection | null): readonly string[] {
  if (!selection) return [];
  return 'keys' in selection ? selection.keys : [selection.key];
}

/** Range that a selection stands for; null for a whole series. */
export function selectionRange(selection: Selection | null): Range | null {
  if (selection?.kind === 'span') return selection.span;
  return selection?.kind === 'range' ? selection.range : null;
}

let keysOf: { series: WindowState['series']; keys: ReadonlySet<string> } = { series: null, keys: new Set() };

/** Keys on the list of series: in the matrix also others can be selected. */
export function followedKeys({ series }: Pick<WindowState, 'series'>): ReadonlySet<string> {
  if (keysOf.series !== series) keysOf = { series, keys: new Set(series?.map((each) => each.key)) };
  return keysOf.keys;
}

/** Gaps: one with its evidence, several with their sums, or none. */
export function selectGaps(gaps: readonly SeriesGap[]): void {
  const first = gaps[0];
  if (!first) select(null);
  else if (gaps.length === 1) select({ kind: 'span', key: first.key, span: first.span });
  else select({ kind: 'gaps', keys: [...new Set(gaps.map(({ key }) => key))], gaps });
}

/** Whole series: one, several, or none. */
export function selectSeries(keys: readonly string[]): void {
  if (keys.length > 1) select({ kind: 'list', keys });
  else select(keys.length === 1 ? { kind: 'series', key: keys[0]! } : null);
}

export function announce(text: string): void {
  useWindow.setState({ announcement: text });
}
