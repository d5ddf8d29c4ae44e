import { createMemoryPortPair, createRpcServer, type Port } from '@shared/rpc';
import { DevCore } from './dev-core';

let core: DevCore | null = null;

/**
 * Connects to a core made of invented data. `?dev=200` gives 200 series, `?dev=500x8` 500 symbols at 8 intervals, `&gaps=100000` so many gaps more, `&foreign=300` so many tables of other programs, `&phase=setup|starting|failed|ready` chooses the screen,
 * `&drop` cuts the connection after two seconds.
 */
export async function connectToDevCore(): Promise<Port> {
  const query = new URLSearchParams(location.search);
  const phase = query.get('phase');
  if (query.has('drop') && core) throw new Error('the development core was asked to stay away');
  core ??= new DevCore({
    series: seriesOf(query.get('dev') ?? ''),
    gaps: Number(query.get('gaps') ?? 0),
    foreign: Number(query.get('foreign') ?? 12),
    phase: phase === 'setup' || phase === 'starting' || phase === 'failed' ? phase : 'ready',
    startMs: query.has('stay') ? null : 1_500,
  });
  const [own, other] = createMemoryPortPair();
  createRpcServer({
    port: other,
    requests: core.requests,
    streams: core.streams,
    events: core.events,
    report: (error, where) => console.error(where, error),
  });
  if (query.has('drop')) setTimeout(() => own.close(), 2_000);
  return own;
}

function seriesOf(text: string): number | { symbols: number; intervals: number } {
  const matrix = /^(\d+)x(\d+)$/.exec(text);
  if (matrix) return { symbols: Number(matrix[1]), intervals: Number(matrix[2]) };
  return text === '' ? 30 : Number(text);
}
