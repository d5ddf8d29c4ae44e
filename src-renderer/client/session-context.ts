import { createContext, useContext, useEffect, useState } from 'react';
import type { CoveragePage } from './coverage-book';
import type { CoreSession } from './session';

export const SessionContext = createContext<CoreSession | null>(null);

export function useSession(): CoreSession {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession is called outside of SessionContext');
  return session;
}

/** Coverage of one series, at most ten times a second; null while it is not known. */
export function useCoverage(key: string | null): CoveragePage | null {
  const { coverage } = useSession();
  const [, redraw] = useState(0);
  useEffect(() => {
    if (key === null) return;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const dispose = coverage.subscribe((keys) => {
      if (!keys.includes(key)) return;
      timer ??= setTimeout(() => {
        timer = null;
        redraw((n) => n + 1);
      }, 100);
    });
    return () => {
      dispose();
      if (timer !== null) clearTimeout(timer);
    };
  }, [coverage, key]);
  return key === null ? null : coverage.get(key);
}

/** A number that grows with every change of any coverage, five times a second and at once with what a person waits for; for totals. */
export function useCoverageVersion(): number {
  const { coverage } = useSession();
  const [version, setVersion] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const stop = () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    };
    const tell = () => {
      stop();
      setVersion((n) => n + 1);
    };
    const dispose = coverage.subscribe((_, isAwaited) => {
      if (isAwaited) tell();
      else timer ??= setTimeout(tell, 200);
    });
    return () => {
      dispose();
      stop();
    };
  }, [coverage]);
  return version;
}
