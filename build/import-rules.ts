import type { ImportEdge } from './import-graph';

/** One broken rule, told so that the reader knows what to change. */
export interface Violation {
  rule: string;
  from: string;
  to: string;
  message: string;
}

/**
 * Where a package may be used. A package that nobody has put into a group is a violation: the unknown case is an error, so
 * that a new dependency gets a moment's thought.
 */
const PACKAGES = {
  anywhere: ['zod'],
  node: ['pg', 'axios', 'ws', 'yauzl'],
  metrics: ['prom-client'],
  renderer: [
    'react',
    'react-dom',
    'lightweight-charts',
    'fancy-canvas',
    'lucide-react',
    'zustand',
    '@tanstack/react-virtual',
    '@fontsource-variable/inter',
    '@fontsource-variable/jetbrains-mono',
  ],
  electron: ['electron'],
  tests: ['vitest', 'fast-check'],
  tools: ['vite', '@vitejs/plugin-react', 'electron-vite', '@playwright/test', 'playwright', 'axe-core', 'tsx'],
} as const;

/** Folders whose sub-folders are houses of their own, each with one face. */
const HOUSE_PARENTS = ['src-shared', 'src-main', 'src-main/hosts', 'src-renderer', 'src-renderer/features'];
const FACE_FILES = new Set(['index.ts', 'index.tsx']);

function isTest(file: string): boolean {
  return /\.test\.tsx?$/.test(file);
}

/** Fixtures that tests share: `testing.ts`, `testing/…`, `test-server.ts`. */
function isFixture(file: string): boolean {
  return /\/(testing|test-[\w-]+)(\.tsx?$|\/)/.test(file);
}

/** Test files, their fixtures, and starters that run a worker from its sources (`…-source.mjs`): none of them ships. */
export function isTesting(file: string): boolean {
  return isTest(file) || isFixture(file) || /-source\.mjs$/.test(file);
}

/** The house a file lives in: the deepest folder that other folders may only enter through its face. */
export function houseOf(file: string): string {
  const parts = file.split('/');
  let house = parts[0] ?? '';
  for (let depth = 1; depth < parts.length - 1; depth++) {
    if (!HOUSE_PARENTS.includes(house)) break;
    house = `${house}/${parts[depth]}`;
  }
  return house;
}

function top(file: string): string {
  return file.split('/')[0] ?? '';
}

function groupOf(name: string): keyof typeof PACKAGES | 'builtin' | null {
  if (name.startsWith('node:')) return 'builtin';
  for (const [group, names] of Object.entries(PACKAGES)) {
    if ((names as readonly string[]).includes(name)) return group as keyof typeof PACKAGES;
  }
  return null;
}

const SOURCE_TOPS = ['src-shared', 'src-main', 'src-renderer'];
const isConfig = (file: string) => /(^|\/)[\w.-]*\.?config\.(ts|mts)$/.test(file);

/** Every broken rule of the graph, cycles included. */
export function violationsOf(edges: readonly ImportEdge[]): Violation[] {
  const found: Violation[] = [];
  for (const edge of edges) {
    const broken = edge.external ? brokenPackageRule(edge) : brokenFileRule(edge);
    if (broken) found.push({ rule: broken[0], from: edge.from, to: edge.to ?? edge.specifier, message: broken[1] });
  }
  return [...found, ...cyclesOf(edges)];
}

type Broken = readonly [rule: string, message: string] | null;

function brokenPackageRule({ from, to }: ImportEdge): Broken {
  const name = to ?? '';
  const group = groupOf(name);
  if (group === null) {
    return [
      'known-packages',
      `${from} imports '${name}', which build/import-rules.ts puts into no group: decide where it may be used`,
    ];
  }
  if (group === 'electron') {
    const allowed = from.startsWith('src-main/hosts/electron/') || from.startsWith('src-main/preload/');
    return allowed
      ? null
      : [
          'electron-only-in-its-host',
          `${from} imports electron; only src-main/hosts/electron and src-main/preload may`,
        ];
  }
  if (group === 'metrics' && !from.startsWith('src-main/metrics/')) {
    return [
      'metrics-behind-their-interface',
      `${from} imports '${name}'; others take the interfaces of src-main/metrics, which do nothing when nobody asks`,
    ];
  }
  if (!SOURCE_TOPS.includes(top(from)) || isConfig(from)) return null;
  if (group === 'anywhere') return null;
  if (isTesting(from)) return null;
  if (group === 'tests' || group === 'tools') {
    return ['tools-only-in-tests', `${from} imports '${name}', a tool for tests and builds, but it ships`];
  }
  if (top(from) === 'src-shared') {
    return [
      'shared-imports-nothing',
      `${from} imports '${name}'; src-shared runs anywhere and may import only ${PACKAGES.anywhere.join(', ')}`,
    ];
  }
  if (top(from) === 'src-renderer' && group !== 'renderer') {
    return ['renderer-is-a-browser', `${from} imports '${name}', which a browser page cannot have`];
  }
  if (top(from) === 'src-main' && group === 'renderer') {
    return ['core-has-no-window', `${from} imports '${name}', which belongs to the renderer`];
  }
  return null;
}

function brokenFileRule({ from, to, specifier }: ImportEdge): Broken {
  // The command line imports what the build makes, which a fresh checkout does not have yet.
  if (to === null && specifier.startsWith('../out/')) return null;
  if (to === null) return ['imports-resolve', `${from} imports '${specifier}', and no such file exists`];
  if (/\.(css|svg|png|woff2|sql|json|html)$/.test(to)) return null;
  const fromTop = top(from);
  const toTop = top(to);
  if (SOURCE_TOPS.includes(fromTop) && !SOURCE_TOPS.includes(toTop) && !(isTesting(from) && toTop === 'build')) {
    return ['sources-stand-alone', `${from} imports ${to}; sources never import from ${toTop}`];
  }
  if (isFixture(to) && SOURCE_TOPS.includes(fromTop) && !isTesting(from)) {
    return ['testing-only-in-tests', `${from} imports the test fixture ${to}, but it ships`];
  }
  if (fromTop === 'src-shared' && toTop !== 'src-shared') {
    return ['shared-imports-nothing', `${from} imports ${to}; src-shared imports nothing of the others`];
  }
  if (fromTop === 'src-renderer' && toTop === 'src-main') {
    return [
      'renderer-imports-only-shared',
      `${from} imports ${to}; the renderer reaches the core only through the contract`,
    ];
  }
  if (fromTop === 'src-main' && toTop === 'src-renderer') {
    return ['core-has-no-window', `${from} imports ${to}; the core does not know the renderer`];
  }
  const fromHouse = houseOf(from);
  const toHouse = houseOf(to);
  if (fromTop === 'src-main' && fromHouse !== toHouse) {
    const inner = !fromHouse.startsWith('src-main/core') && !fromHouse.startsWith('src-main/hosts');
    if (inner && toHouse.startsWith('src-main/core') && !isTest(from)) {
      return ['only-hosts-know-the-core', `${from} imports ${to}; folders beside core/ do not know it`];
    }
    if (!fromHouse.startsWith('src-main/hosts') && toHouse.startsWith('src-main/hosts')) {
      return ['nobody-imports-hosts', `${from} imports ${to}; hosts are entries, nothing depends on them`];
    }
  }
  return brokenFaceRule(from, to, fromHouse, toHouse);
}

function brokenFaceRule(from: string, to: string, fromHouse: string, toHouse: string): Broken {
  // A file directly in a parent of houses (src-main/hosts/workspace-path.ts, src-renderer/main.tsx) is its own face.
  if (fromHouse === toHouse || HOUSE_PARENTS.includes(toHouse) || !SOURCE_TOPS.includes(top(to))) return null;
  const rest = to.slice(toHouse.length + 1);
  if (FACE_FILES.has(rest)) return null;
  if (isFixture(to)) return null;
  return [
    'one-face-per-folder',
    `${from} imports ${to}; import '${toHouse}' (its index) instead, and export there what is needed`,
  ];
}

/** One violation per cycle of files; type-only imports count, since they bind two files just as tightly for a reader. */
export function cyclesOf(edges: readonly ImportEdge[]): Violation[] {
  const next = new Map<string, string[]>();
  for (const { from, to, external } of edges) {
    if (external || to === null) continue;
    next.set(from, [...(next.get(from) ?? []), to]);
  }
  const found: Violation[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const onPath = new Set<string>();
  const walk = (file: string) => {
    if (onPath.has(file)) {
      const cycle = [...path.slice(path.indexOf(file)), file];
      found.push({
        rule: 'no-cycles',
        from: cycle.at(-2) ?? file,
        to: file,
        message: `import cycle: ${cycle.join(' → ')}`,
      });
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    onPath.add(file);
    for (const target of next.get(file) ?? []) walk(target);
    path.pop();
    onPath.delete(file);
    done.add(file);
  };
  for (const file of [...next.keys()].sort()) walk(file);
  return found;
}

/** Files and packages that are loaded at run time when `entry` is, each with the way that leads to it. */
export function reachableFrom(edges: readonly ImportEdge[], entry: string): Map<string, string[]> {
  const ways = new Map<string, string[]>([[entry, [entry]]]);
  const queue = [entry];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const edge of edges) {
      if (edge.typeOnly || edge.from !== file || edge.to === null || ways.has(edge.to)) continue;
      ways.set(edge.to, [...(ways.get(file) ?? []), edge.to]);
      if (!edge.external) queue.push(edge.to);
    }
  }
  return ways;
}
