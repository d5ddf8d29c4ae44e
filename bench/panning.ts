import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, CDPSession, Page } from 'playwright';
import { build } from 'vite';
import { launchChromium } from './chromium';
import { summarizeTrace, TRACE_CATEGORIES, type TraceEvent, type TraceSummary } from './chromium-trace';
import { serveFiles } from './file-server';
import { type Figure, type Measure, type MeasureContext, quantile } from './measure';

const SERIES = 500;
const FRAME_MS = 1000 / 60;
const SIZE = { width: 1440, height: 900 };

export const panning: Measure = {
  name: 'panning',
  how:
    'The window as it is built for shipping, with 500 invented series, in headless Chromium (software rendering): some ten seconds of ' +
    'wheel zoom and drag pan. Task time is what the main thread spends from one frame to the next, read from Chromium’s trace; composition ' +
    'is told apart, because here the processor does the graphics card’s work. Where a frame’s wall clock is far above its processor time, the main thread was ready and had no ' +
    'processor: composition, raster and the marking threads of V8’s garbage collection share them. Heap is measured after a collection, before ten rounds of it and behind the traced ones. The drag is sent to the browser directly: Playwright’s own leaves listeners in the page at each move, which would be counted as the window’s garbage.',
  async run(context) {
    const folder = await buildWindow(context);
    const server = await serveFiles(folder);
    let browser: Browser | null = null;
    try {
      browser = await launchChromium();
      const page = await browser.newPage({ viewport: SIZE });
      await page.goto(`${server.url}/?dev=${SERIES}`);
      await page.getByTestId('strip-canvas').waitFor();
      return await measure(browser, page, context);
    } finally {
      await browser?.close();
      await server.close();
    }
  },
};

/** What ships, minified and without development checks, plus the core of invented data that only development has. */
async function buildWindow({ scratch, log }: MeasureContext): Promise<string> {
  log('building the window');
  const root = resolve(import.meta.dirname, '../src-renderer');
  const outDir = join(scratch, 'window');
  await build({
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    mode: 'production',
    define: { 'import.meta.env.DEV': 'true' },
    build: { outDir, emptyOutDir: true, target: 'chrome130', minify: 'oxc', assetsInlineLimit: 0 },
  });
  return outDir;
}

async function measure(browser: Browser, page: Page, { cache, log }: MeasureContext): Promise<Figure[]> {
  const devtools = await page.context().newCDPSession(page);
  // Code that is compiled and caches that are filled the first times are no growth.
  log('warming up');
  await panAndZoom(page, devtools);
  for (let round = 0; round < 4; round++) await panAndZoom(page, devtools, { quick: true });
  const heapBefore = await heapBytes(devtools);
  // After a collection that is asked for, V8 begins up to two more by itself, seconds later, which nobody's window would have.
  log('ten rounds for the heap');
  for (let round = 0; round < 10; round++) await panAndZoom(page, devtools, { quick: true });
  log('tracing ten seconds');
  await browser.startTracing(page, { categories: TRACE_CATEGORIES });
  await page.evaluate(() => performance.mark('bench-from'));
  for (let round = 0; round < 2; round++) await panAndZoom(page, devtools);
  await page.evaluate(() => performance.mark('bench-to'));
  const recorded = await browser.stopTracing();
  // Kept for a look with chrome://tracing or the developer tools.
  writeFileSync(join(cache, 'panning-trace.json'), recorded);
  const trace = JSON.parse(recorded.toString('utf8')) as { traceEvents: TraceEvent[] };
  const summary = summarizeTrace(trace.traceEvents, 'bench-from', 'bench-to');
  const heapAfter = await heapBytes(devtools);
  return figuresOf(summary, heapBefore, heapAfter);
}

/** Some five seconds: zoom in at one place and out again, drag both ways, each input a frame after the last. */
async function panAndZoom(page: Page, devtools: CDPSession, options: { quick?: boolean } = {}): Promise<void> {
  const box = await page.getByTestId('strip-canvas').boundingBox();
  if (!box) throw new Error('the strips are not on the screen');
  const x = box.x + box.width * 0.6;
  const y = box.y + box.height * 0.4;
  const steps = options.quick ? 20 : 70;
  await page.mouse.move(x, y);
  for (const direction of [-1, 1]) {
    for (let i = 0; i < steps; i++) await paced(() => page.mouse.wheel(0, direction * 60));
    // Zoomed in, a pan shows other bars in every frame; zoomed out, the axis' limits stop it.
    if (direction < 0) await drag(devtools, x, y, steps);
  }
}

/** Straight to the browser: Playwright's own drag leaves four listeners in the page at each move, more garbage than the window's own. */
async function drag(devtools: CDPSession, x: number, y: number, steps: number): Promise<void> {
  const mouse = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', at: number) =>
    devtools.send('Input.dispatchMouseEvent', { type, x: at, y, button: 'left', buttons: 1, clickCount: 1 });
  await mouse('mousePressed', x);
  for (let i = 0; i < 2 * steps; i++) await paced(() => mouse('mouseMoved', x + 220 * Math.sin((i / steps) * Math.PI)));
  await mouse('mouseReleased', x);
}

async function paced(input: () => Promise<unknown>): Promise<void> {
  const next = performance.now() + FRAME_MS;
  await input();
  await delay(Math.max(0, next - performance.now()));
}

async function heapBytes(devtools: CDPSession): Promise<number> {
  // Weak references and finalizers need a second look.
  for (let i = 0; i < 2; i++) await devtools.send('HeapProfiler.collectGarbage');
  return (await devtools.send('Runtime.getHeapUsage')).usedSize;
}

function figuresOf(trace: TraceSummary, heapBefore: number, heapAfter: number): Figure[] {
  const cpu = trace.frames.map((frame) => frame.cpuMs);
  const wall = trace.frames.map((frame) => frame.wallMs);
  const count = trace.frames.length;
  const over = (values: readonly number[], limit: number) => values.filter((ms) => ms > limit).length;
  const spread = (values: readonly number[]) =>
    `p50 ${quantile(values, 0.5).toFixed(1)}, p95 ${quantile(values, 0.95).toFixed(1)}, longest ${Math.max(0, ...values).toFixed(1)} ms`;
  const perFrame = (ms: number) => `${(ms / Math.max(1, trace.drawIntervalsMs.length)).toFixed(1)} ms a frame drawn`;
  const told = { goal: '', met: null };
  const late = trace.frames.filter((frame) => frame.wallMs > FRAME_MS);
  const grown = heapAfter / heapBefore;
  return [
    {
      name: 'main-thread task time a frame, processor time',
      value: `${spread(cpu)} (${count} frames)`,
      goal: 'none over 16.7 ms',
      met: over(cpu, FRAME_MS) === 0,
    },
    {
      name: 'the same by wall clock',
      value: `${spread(wall)}; ${over(wall, FRAME_MS)} of ${count} over 16.7 ms`,
      goal: 'none over 16.7 ms',
      met: over(wall, FRAME_MS) === 0,
    },
    {
      name: 'each of those over 16.7 ms: wall clock, of it garbage collection, processor time',
      value:
        late
          .map((frame) => `${frame.wallMs.toFixed(1)}, ${frame.collectionMs.toFixed(1)}, ${frame.cpuMs.toFixed(1)} ms`)
          .join('; ') || 'none',
      ...told,
    },
    {
      name: 'garbage collections meanwhile',
      value: `${collectionText(trace.collections.minorMs)} of what is young; ${collectionText(trace.collections.majorMs)} of everything`,
      ...told,
    },
    {
      name: 'longest main-thread task',
      value: `${trace.longestTaskMs.toFixed(1)} ms wall, ${trace.longestTaskCpuMs.toFixed(1)} ms processor; ${trace.longTasks} over 16.7 ms`,
      ...told,
    },
    {
      name: 'frames drawn',
      value: `${trace.drawIntervalsMs.length + 1} in ${(trace.durationMs / 1000).toFixed(1)} s, interval ${spread(trace.drawIntervalsMs)}; ${over(trace.drawIntervalsMs, 1.5 * FRAME_MS)} missed a refresh; ${trace.droppedFrames} dropped`,
      ...told,
    },
    {
      name: 'composition and raster on other threads (software), processor time',
      value: perFrame(trace.compositionCpuMs),
      ...told,
    },
    {
      name: 'JavaScript heap after twelve rounds',
      value: `${mb(heapBefore)} → ${mb(heapAfter)}`,
      goal: 'flat (within 10 %)',
      met: grown < 1.1,
    },
  ];
}

function collectionText(lengthsMs: readonly number[]): string {
  return lengthsMs.length === 0 ? 'none' : `${lengthsMs.length} (longest ${Math.max(...lengthsMs).toFixed(1)} ms)`;
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
