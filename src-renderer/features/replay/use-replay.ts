import type { Interval, Range } from '@shared/market';
import type { RpcClient } from '@shared/rpc';
import { type RefObject, useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { ChartController, type ChartPicture, type ChartStatus } from '../../charts';
import { nextPace } from './pace';
import { focusPlaceOf, type ReplayAction, replayAction, replayHasKeys } from './replay-keys';
import { browserClock, type PlayerView, ReplayPlayer } from './replay-player';

export interface ChartAndPlayer {
  readonly chart: ChartController;
  readonly player: ReplayPlayer;
}

const NOTHING: PlayerView = { phase: 'off', request: null, state: null, pace: 10, problem: null };
const nothing = () => NOTHING;
const never = () => () => {};

/** Makes chart and player for a container and ends them with it. */
export function useChartAndPlayer(
  container: RefObject<HTMLElement | null>,
  client: RpcClient,
  onPicture: (picture: ChartPicture) => void,
): { parts: ChartAndPlayer | null; status: ChartStatus; view: PlayerView } {
  const [parts, setParts] = useState<ChartAndPlayer | null>(null);
  const [status, setStatus] = useState<ChartStatus>({ kind: 'no-series' });
  const report = useLatest(onPicture);
  useEffect(() => {
    if (!container.current) return;
    const chart = new ChartController({
      container: container.current,
      client,
      onStatus: setStatus,
      onPicture: (picture) => report.current(picture),
    });
    const player = new ReplayPlayer(client, chart, browserClock);
    setParts({ chart, player });
    return () => {
      player.destroy();
      chart.destroy();
      setParts(null);
    };
  }, [container, client, report]);
  const view = useSyncExternalStore(parts?.player.subscribe ?? never, parts?.player.getView ?? nothing);
  return { parts, status, view };
}

/** A reference to the newest value, so that an effect can call back without running again. */
export function useLatest<T>(value: T): RefObject<T> {
  const ref = useRef(value);
  useEffect(() => {
    ref.current = value;
  });
  return ref;
}

/** Carries out what a key asks of a replay. */
export function useReplayKeys(
  dock: RefObject<HTMLElement | null>,
  player: ReplayPlayer | null,
  active: boolean,
  interval: Interval | null,
): void {
  const act = useCallback(
    (action: ReplayAction) => {
      const range: Range | null = player?.latest.request?.range ?? null;
      if (!player || !range) return;
      switch (action.kind) {
        case 'toggle':
          return player.toggle();
        case 'step':
          return player.step(action.candles);
        case 'start':
          return player.seek(range.from);
        case 'end':
          return player.seek(range.to);
        case 'pace':
          return player.setPace(nextPace(player.latest.pace, action.direction));
      }
    },
    [player],
  );
  useEffect(() => {
    if (!active || !interval) return;
    const listener = (event: KeyboardEvent) => {
      const action = event.defaultPrevented ? null : replayAction(event, interval);
      if (!action || !dock.current || !replayHasKeys(focusPlaceOf(event.target, dock.current, event.key))) return;
      event.preventDefault();
      // The strips have uses for the arrows too; while a replay has the keys they are its alone.
      event.stopPropagation();
      act(action);
    };
    window.addEventListener('keydown', listener, { capture: true });
    return () => window.removeEventListener('keydown', listener, { capture: true });
  }, [active, interval, dock, act]);
}
