import { DAY_MS, formatTime, HOUR_MS, MINUTE_MS, type Range, SECOND_MS } from '@shared/market';
import { rangeOf, type TimeView } from './time-view';

export interface Tick {
  readonly t: number;
  readonly label: string;
  /** A larger unit begins here (a year among months, a day among hours). */
  readonly major: boolean;
}

interface Step {
  readonly unit: 'second' | 'month' | 'year';
  /** Seconds count in milliseconds; months and years in themselves. */
  readonly size: number;
  readonly nominalMs: number;
}

const clock = (ms: number): Step => ({ unit: 'second', size: ms, nominalMs: ms });
const month = (size: number): Step => ({ unit: 'month', size, nominalMs: size * 30.4 * DAY_MS });
const year = (size: number): Step => ({ unit: 'year', size, nominalMs: size * 365 * DAY_MS });

const STEPS: readonly Step[] = [
  ...[1, 5, 15, 30].map((n) => clock(n * SECOND_MS)),
  ...[1, 2, 5, 10, 15, 30].map((n) => clock(n * MINUTE_MS)),
  ...[1, 2, 3, 6, 12].map((n) => clock(n * HOUR_MS)),
  ...[1, 2, 7, 14].map((n) => clock(n * DAY_MS)),
  ...[1, 2, 3, 6].map(month),
  ...[1, 2, 5].map(year),
];

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const pad = (n: number) => String(n).padStart(2, '0');

/** Ticks that are kept; more are made only by long pans over the finest steps. */
const KEPT = 1_000;

/** The ticks of one view after another: those that stay in sight are made once. */
export class AxisTicks {
  readonly #made = new Map<number, Tick>();
  #step: Step | null = null;

  /** Ascending, at least `spacing` CSS pixels apart (in nominal units). All UTC. */
  of(view: TimeView, spacing = 84): Tick[] {
    const step = stepOf(view, spacing);
    if (step !== this.#step || this.#made.size > KEPT) this.#made.clear();
    this.#step = step;
    const ticks: Tick[] = [];
    for (const t of timesOf(rangeOf(view), step)) ticks.push(this.#tick(t, step));
    return ticks;
  }

  #tick(t: number, step: Step): Tick {
    let tick = this.#made.get(t);
    if (!tick) {
      tick = tickAt(t, step);
      this.#made.set(t, tick);
    }
    return tick;
  }
}

function stepOf(view: TimeView, spacing: number): Step {
  for (const step of STEPS) if (step.nominalMs / view.msPerPx >= spacing) return step;
  return STEPS[STEPS.length - 1]!;
}

function timesOf(range: Range, step: Step): number[] {
  if (step.unit !== 'second') return calendarTimes(range, step);
  if (step.size > DAY_MS) return weekTimes(range, step.size);
  const times: number[] = [];
  for (let t = Math.ceil(range.from / step.size) * step.size; t <= range.to; t += step.size) times.push(t);
  return times;
}

function calendarTimes(range: Range, step: Step): number[] {
  const times: number[] = [];
  const months = step.unit === 'year' ? step.size * 12 : step.size;
  const date = new Date(range.from);
  let index = Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / months) * months;
  for (; ; index += months) {
    const t = Date.UTC(Math.floor(index / 12), index % 12, 1);
    if (t > range.to) return times;
    if (t >= range.from) times.push(t);
  }
}

/** Days of the month at a fixed stride from the first, so that ticks do not wander from month to month. */
function weekTimes(range: Range, size: number): number[] {
  const stride = size / DAY_MS;
  const times: number[] = [];
  const start = new Date(range.from);
  for (let m = start.getUTCFullYear() * 12 + start.getUTCMonth(); ; m++) {
    const first = Date.UTC(Math.floor(m / 12), m % 12, 1);
    if (first > range.to) return times;
    const next = Date.UTC(Math.floor((m + 1) / 12), (m + 1) % 12, 1);
    for (let t = first; t <= next - (stride / 2) * DAY_MS; t += size) {
      if (t >= range.from && t <= range.to) times.push(t);
    }
  }
}

function tickAt(t: number, step: Step): Tick {
  if (step.unit !== 'second') return monthTick(t, step.unit === 'month');
  return step.size >= DAY_MS ? dayTick(t) : clockTick(t, step.size);
}

function monthTick(t: number, amongMonths: boolean): Tick {
  const date = new Date(t);
  const isYear = date.getUTCMonth() === 0;
  return {
    t,
    label: isYear ? String(date.getUTCFullYear()) : MONTHS[date.getUTCMonth()]!,
    major: amongMonths && isYear,
  };
}

function dayTick(t: number): Tick {
  const date = new Date(t);
  const day = date.getUTCDate();
  if (day === 1) return { ...monthTick(t, true), major: true };
  return { t, label: `${MONTHS[date.getUTCMonth()]!} ${day}`, major: false };
}

function clockTick(t: number, step: number): Tick {
  const date = new Date(t);
  if (t % DAY_MS === 0) return { t, label: `${MONTHS[date.getUTCMonth()]!} ${date.getUTCDate()}`, major: true };
  const minutes = `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}`;
  return { t, label: step < MINUTE_MS ? `${minutes}:${pad(date.getUTCSeconds())}` : minutes, major: false };
}

/** Room that the left edge's year and day take on the axis, in CSS pixels. */
const YEAR_PX = 52;
const DAY_PX = 92;

/**
 * What the labels leave unsaid at the left edge: the year among months, the day among hours. Empty where the next one begins so near
 * that its own label would not fit beside it, since what follows is then all of the next one.
 */
export function axisContext(view: TimeView, ticks: readonly Tick[]): string {
  const range = rangeOf(view);
  const date = new Date(range.from);
  const length = range.to - range.from;
  if (length > 3 * 365 * DAY_MS) return '';
  const isDay = length <= 4 * DAY_MS;
  const next = ticks.find(({ label, major }) => (isDay ? major : /^\d{4}$/.test(label)));
  if (next && next.t - range.from < (isDay ? DAY_PX : YEAR_PX) * view.msPerPx) return '';
  if (!isDay) return String(date.getUTCFullYear());
  return `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
}

/** `2019-02-14 → 2019-07-22`; near enough to tell minutes, the second time leaves out what it shares with the first. */
export function shownText({ from, to }: Range, msPerPx: number): string {
  const [first, last] = [formatTime(from), formatTime(to)];
  if (msPerPx >= 10 * MINUTE_MS) return `${first.slice(0, 10)} → ${last.slice(0, 10)}`;
  const shared = first.slice(0, 10) === last.slice(0, 10) ? 11 : first.slice(0, 4) === last.slice(0, 4) ? 5 : 0;
  return `${first.slice(0, 16)} → ${last.slice(shared, 16)}`;
}

const SCALE_UNITS: readonly [string, number][] = [
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['min', MINUTE_MS],
  ['s', SECOND_MS],
];

/** `1 px = 6 h`, or `1 min = 12 px` when closer than that. */
export function scaleText(msPerPx: number): string {
  if (msPerPx < SECOND_MS) return `1 s = ${compact(SECOND_MS / msPerPx)} px`;
  if (msPerPx < MINUTE_MS) return `1 min = ${compact(MINUTE_MS / msPerPx)} px`;
  const [name, ms] = SCALE_UNITS.find(([, size]) => msPerPx >= size) ?? SCALE_UNITS[3]!;
  return `1 px = ${compact(msPerPx / ms)} ${name}`;
}

function compact(value: number): string {
  return value >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);
}
