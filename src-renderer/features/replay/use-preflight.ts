import type { Preflight } from '@shared/contract';
import type { Range } from '@shared/market';
import { useEffect, useState } from 'react';
import { announce, sentenceOf, useSession, useWindow } from '../../client';
import { fetchWords } from './preflight-words';

/** A chart that is panned changes the range with every frame; the core is asked when it rests. */
const ASK_AFTER_MS = 300;

export interface PreflightState {
  /** Null while nothing is known of this range. */
  readonly preflight: Preflight | null;
  readonly failure: string | null;
  /** A fetch that was asked for here goes on. */
  readonly fetching: boolean;
  /** Sets going what closes the holes. */
  fetch(): Promise<void>;
}

/** Whether `range` of a series has what a replay of it needs; asked again when `revision` changes, which follows its coverage. */
export function usePreflight(key: string | null, range: Range | null, revision: unknown): PreflightState {
  const session = useSession();
  const connected = useWindow((state) => state.connection.phase === 'connected');
  const [answer, setAnswer] = useState<{ id: string; preflight: Preflight } | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [jobId, setJobId] = useState<string | null>(null);
  const fetching = useWindow(
    (state) =>
      jobId !== null &&
      !state.receipts[jobId] &&
      state.jobs.some((job) => job.jobId === jobId && ['queued', 'running', 'paused'].includes(job.state)),
  );
  const id = key && range ? `${key} ${range.from} ${range.to}` : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `id` stands for key and range, `revision` asks again.
  useEffect(() => {
    if (!connected || id === null || key === null || range === null) return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const needs = [{ key, range: { from: range.from, to: range.to } }];
      session.call('run.preflight', { needs }, controller.signal).then(
        (preflight) => {
          if (controller.signal.aborted) return;
          setAnswer({ id, preflight });
          setFailure(null);
        },
        (error) => controller.signal.aborted || setFailure(sentenceOf(error)),
      );
    }, ASK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [id, revision, connected, session]);
  const preflight = answer?.id === id ? answer.preflight : null;
  return {
    preflight,
    failure,
    fetching,
    async fetch() {
      if (!preflight) return;
      try {
        const started = await session.call('backfill.start', { items: preflight.items });
        setJobId(started.jobId);
        announce(`${fetchWords(preflight)}: started.`);
      } catch (error) {
        setFailure(sentenceOf(error));
      }
    },
  };
}
