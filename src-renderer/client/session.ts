import type { Answers, AppState, JobProgress, RequestInput, RequestRoute, SeriesSummary } from '@shared/contract';
import type { ConnectionState, KeptClient } from '@shared/rpc';
import { CoverageBook } from './coverage-book';
import { CoverageLoader } from './coverage-loader';
import { JobPreference } from './job-preference';
import { isOver } from './job-state';
import { selectedKeys, useWindow } from './window-store';

/** React sees progress ten times a second at most. */
const FLUSH_MS = 100;
const JOBS_KEPT = 50;

/** What the window knows of the core, kept up to date over restarts of it. */
export class CoreSession {
  readonly coverage = new CoverageBook();
  /** Outlives its connections. */
  readonly client: KeptClient;
  readonly #loader: CoverageLoader;
  readonly #preference: JobPreference;
  readonly #pendingJobs = new Map<string, JobProgress>();
  readonly #pendingSummaries = new Map<string, SeriesSummary>();
  #flushTimer: ReturnType<typeof setTimeout> | null = null;
  #listed = false;

  constructor(client: KeptClient) {
    this.client = client;
    this.#loader = new CoverageLoader(
      this.coverage,
      async (keys, signal) => (await client.call('coverage.read', { keys }, { signal })).reports,
      (error) => useWindow.setState({ seriesError: sentenceOf(error) }),
    );
    this.#preference = new JobPreference({ prefer: (keys) => client.call('jobs.prefer', { keys }) });
    useWindow.subscribe(({ jobs }) => this.#preference.setOpen(jobs.some((job) => !isOver(job.state))));
    this.#subscribe();
    client.onState((state) => this.#connectionChanged(state));
    this.#connectionChanged(client.state);
  }

  call<R extends RequestRoute>(route: R, body: RequestInput<R>, signal?: AbortSignal): Promise<Answers[R]> {
    return this.client.call(route, body, signal ? { signal } : {});
  }

  /** Series on screen, in order: their coverage is read first, and open jobs fetch them first. */
  preferCoverage(keys: readonly string[]): void {
    this.#loader.prefer(keys);
    this.#preference.show(keys);
  }

  /** Reads list and coverage (again), after a failure too. */
  async loadSeries(): Promise<void> {
    try {
      const { series } = await this.call('series.list', {});
      this.#takeList(series);
    } catch (error) {
      useWindow.setState({ seriesError: sentenceOf(error) });
    }
  }

  #connectionChanged(state: ConnectionState): void {
    useWindow.setState({ connection: state });
    if (state.phase === 'connected') void this.#readState();
    else {
      this.#listed = false;
      this.#preference.forget();
      this.#loader.stop();
    }
  }

  async #readState(): Promise<void> {
    try {
      this.#takeState(await this.call('app.get_state', {}));
    } catch (error) {
      useWindow.setState({ seriesError: sentenceOf(error) });
    }
  }

  #takeState(app: AppState): void {
    // Asked for before the window is drawn, which takes as long as the answer.
    if (app.phase === 'ready' && !this.#listed) void this.#loadAll();
    useWindow.setState({ app });
    if (app.phase !== 'ready') this.#listed = false;
  }

  #subscribe(): void {
    const { client } = this;
    client.on('app.state_changed', (app) => this.#takeState(app));
    client.on('series.list_changed', () => void this.loadSeries());
    client.on('coverage.changed', ({ summaries }) => {
      for (const summary of summaries) this.#pendingSummaries.set(summary.key, summary);
      this.#flushSoon();
    });
    client.on('job.progressed', (job) => {
      this.#pendingJobs.set(job.jobId, job);
      this.#flushSoon();
    });
    client.on('job.finished', ({ progress, receipt }) => {
      this.#pendingJobs.set(progress.jobId, progress);
      useWindow.setState(({ receipts }) => ({ receipts: { ...receipts, [receipt.jobId]: receipt } }));
      this.#flush();
    });
  }

  async #loadAll(): Promise<void> {
    this.#listed = true;
    await this.loadSeries();
    try {
      const { jobs } = await this.call('jobs.list', { limit: JOBS_KEPT });
      useWindow.setState({ jobs });
    } catch (error) {
      useWindow.setState({ seriesError: sentenceOf(error) });
    }
  }

  #takeList(series: readonly SeriesSummary[]): void {
    const before = useWindow.getState().series ?? [];
    const keys = new Set(series.map((each) => each.key));
    const gone = new Set(before.map((each) => each.key).filter((key) => !keys.has(key)));
    this.#loader.forget([...gone]);
    useWindow.setState(({ selection }) => ({
      series,
      seriesError: null,
      // Cells of series that nobody follows can be selected too; only what was taken off the list is lost.
      selection: selectedKeys(selection).some((key) => gone.has(key)) ? null : selection,
    }));
    this.#wantStale(series);
  }

  #wantStale(series: readonly SeriesSummary[]): void {
    const stale = series.filter((each) => (this.coverage.get(each.key)?.revision ?? -1) < each.revision);
    this.#loader.want(stale.map((each) => each.key));
  }

  #flushSoon(): void {
    this.#flushTimer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  #flush(): void {
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer);
    this.#flushTimer = null;
    if (this.#pendingJobs.size > 0) {
      const fresh = [...this.#pendingJobs.values()].reverse();
      this.#pendingJobs.clear();
      useWindow.setState(({ jobs }) => ({ jobs: mergeJobs(jobs, fresh) }));
    }
    if (this.#pendingSummaries.size > 0) {
      const fresh = new Map(this.#pendingSummaries);
      this.#pendingSummaries.clear();
      useWindow.setState(({ series }) => ({ series: series?.map((each) => fresh.get(each.key) ?? each) ?? null }));
      this.#wantStale([...fresh.values()]);
    }
  }
}

/** Known jobs keep their place, new ones come first. */
export function mergeJobs(known: readonly JobProgress[], fresh: readonly JobProgress[]): JobProgress[] {
  const byId = new Map(fresh.map((job) => [job.jobId, job]));
  const kept = known.map((job) => {
    const newer = byId.get(job.jobId);
    byId.delete(job.jobId);
    return newer ?? job;
  });
  return [...byId.values(), ...kept].slice(0, JOBS_KEPT);
}

/** An error as the sentence that people read. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
