/** Events of Chromium's trace format, as far as they are read here. Times are microseconds. */
export interface TraceEvent {
  name: string;
  cat: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  /** Processor time of the thread. */
  tdur?: number;
  args?: Record<string, unknown>;
}

/** What the trace says of the time between two `performance.mark`s; every time in milliseconds. */
export interface TraceSummary {
  durationMs: number;
  /** Main-thread tasks by wall clock: other programs that take the processor count in. */
  longestTaskMs: number;
  longTasks: number;
  /** The same tasks by the processor time of their thread, which is what the page itself costs. */
  longestTaskCpuMs: number;
  /** Sums of main-thread task time from one main frame to the next, and how much of its wall clock was garbage collection. */
  frames: { wallMs: number; cpuMs: number; collectionMs: number }[];
  /** Collections of garbage on the main thread: of what is young, and of everything. */
  collections: { minorMs: number[]; majorMs: number[] };
  /** Time between two frames that were drawn. */
  drawIntervalsMs: number[];
  droppedFrames: number;
  /** Processor time of the threads that put layers together and on the screen: the page's compositor, its raster threads, viz. */
  compositionCpuMs: number;
}

export const TRACE_CATEGORIES = [
  'toplevel',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'disabled-by-default-devtools.timeline.frame',
  'blink.user_timing',
  'cc',
  'viz',
];

const FRAME_MS = 1000 / 60;
const COMPOSITION = /^(Compositor|CompositorTileWorker.*|ThreadPoolForegroundWorker|VizCompositorThread)$/;

export function summarizeTrace(events: readonly TraceEvent[], fromMark: string, toMark: string): TraceSummary {
  const from = events.find((event) => event.name === fromMark);
  const to = events.find((event) => event.name === toMark);
  if (!from || !to) throw new Error(`the trace lacks the marks ${fromMark} and ${toMark}`);
  const inside = events
    .filter((event) => event.ts >= from.ts && event.ts <= to.ts && event.ph !== 'M')
    .sort((a, b) => a.ts - b.ts);
  const isMain = (event: TraceEvent) => event.pid === from.pid && event.tid === from.tid;
  const tasks = outermost(inside.filter((event) => isMain(event) && event.ph === 'X' && isTask(event)));
  const wall = tasks.map((task) => (task.dur ?? 0) / 1000);
  const cpu = tasks.map((task) => (task.tdur ?? task.dur ?? 0) / 1000);
  const begins = inside.filter((event) => isMain(event) && event.name === 'BeginMainThreadFrame');
  const collections = outermost(inside.filter((event) => isMain(event) && event.ph === 'X' && isCollection(event)));
  const draws = inside.filter((event) => event.pid === from.pid && event.name === 'DrawFrame');
  const threads = events.filter(
    (event) =>
      event.name === 'thread_name' &&
      COMPOSITION.test(String(event.args?.name)) &&
      (event.pid === from.pid || event.args?.name === 'VizCompositorThread'),
  );
  return {
    durationMs: (to.ts - from.ts) / 1000,
    longestTaskMs: Math.max(0, ...wall),
    longTasks: wall.filter((ms) => ms > FRAME_MS).length,
    longestTaskCpuMs: Math.max(0, ...cpu),
    frames: framesOf(begins, tasks, collections),
    collections: { minorMs: lengthsOf(collections, 'MinorGC'), majorMs: lengthsOf(collections, 'MajorGC') },
    drawIntervalsMs: draws.slice(1).map((event, i) => (event.ts - draws[i]!.ts) / 1000),
    droppedFrames: inside.filter((event) => event.pid === from.pid && event.name === 'DroppedFrame').length,
    compositionCpuMs: threads.reduce(
      (sum, { pid, tid }) =>
        sum + cpuMs(outermost(inside.filter((each) => each.pid === pid && each.tid === tid && isTask(each)))),
      0,
    ),
  };
}

function isTask({ name }: TraceEvent): boolean {
  return name === 'RunTask' || name === 'ThreadControllerImpl::RunTask' || name === 'ThreadPool_RunTask';
}

function lengthsOf(events: readonly TraceEvent[], name: string): number[] {
  return events.filter((event) => event.name === name).map(({ dur = 0 }) => dur / 1000);
}

function isCollection({ name }: TraceEvent): boolean {
  return /^(MinorGC|MajorGC|V8\.GC)/.test(name);
}

/** Both task events of one task are in the trace; the inner one is part of the outer. */
function outermost(tasks: readonly TraceEvent[]): TraceEvent[] {
  const kept: TraceEvent[] = [];
  let end = 0;
  for (const task of tasks) {
    if (task.ts < end) continue;
    kept.push(task);
    end = task.ts + (task.dur ?? 0);
  }
  return kept;
}

function framesOf(
  begins: readonly TraceEvent[],
  tasks: readonly TraceEvent[],
  collections: readonly TraceEvent[],
): TraceSummary['frames'] {
  const frames: TraceSummary['frames'] = [];
  // A task belongs to the frame in which it ends: the task that begins a frame begins before the event inside it.
  const endOf = ({ ts, dur = 0 }: TraceEvent) => ts + dur;
  let at = tasks.findIndex((task) => endOf(task) >= (begins[0]?.ts ?? 0));
  for (let i = 0; i + 1 < begins.length && at >= 0; i++) {
    const end = begins[i + 1]!.ts;
    const frame = { wallMs: 0, cpuMs: 0, collectionMs: 0 };
    const first = tasks[at]?.ts ?? end;
    for (; at < tasks.length && endOf(tasks[at]!) < end; at++) {
      frame.wallMs += (tasks[at]!.dur ?? 0) / 1000;
      frame.cpuMs += (tasks[at]!.tdur ?? tasks[at]!.dur ?? 0) / 1000;
    }
    const last = at > 0 ? endOf(tasks[at - 1]!) : first;
    for (const each of collections)
      if (each.ts >= first && each.ts < last) frame.collectionMs += (each.dur ?? 0) / 1000;
    frames.push(frame);
  }
  return frames;
}

function cpuMs(tasks: readonly TraceEvent[]): number {
  return tasks.reduce((sum, task) => sum + (task.tdur ?? task.dur ?? 0), 0) / 1000;
}
