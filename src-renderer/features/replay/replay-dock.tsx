import { formatTime, gridOf, type Interval, type Market, type Range, type Span } from '@shared/market';
import type { RpcClient } from '@shared/rpc';
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { ChartPicture } from '../../charts';
import { ChartNotice } from './chart-notice';
import './replay.css';
import { type ReplayChoice, replayChoices } from './replay-range';
import { StartBar } from './start-bar';
import type { TrackHandle } from './track';
import { Transport } from './transport';
import { useChartAndPlayer, useLatest, useReplayKeys } from './use-replay';

export interface ReplayDockProps {
  client: RpcClient;
  series: { key: string; symbol: string; interval: Interval; market: Market } | null;
  /** Symbol of a chosen series of trades, which has no candles. */
  tradesOf: string | null;
  /** Spans of that series, for holes and the track. */
  spans: readonly Span[];
  /** Where the chart looks: a moment, or a selected range. */
  focus: { at: number; range?: Range } | null;
  theme: 'dark' | 'light';
  onPlayhead(t: number | null): void;
  onVisibleRange(range: Range): void;
  connected: boolean;
}

/** Callbacks to the window come at most this often. */
const REPORT_MS = 100;

/** Candles of the selected series, and their replay. */
export function ReplayDock(props: ReplayDockProps) {
  const { client, series, tradesOf, spans, focus, theme, connected } = props;
  const dock = useRef<HTMLElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const track = useRef<TrackHandle>(null);
  const playButton = useRef<HTMLButtonElement>(null);
  const callbacks = useLatest(props);
  const latestSpans = useLatest(spans);
  const latestFocus = useLatest(focus);
  const [visible, setVisible] = useState<Range | null>(null);
  const reportedAt = useRef(0);
  const pending = useRef(0);

  const report = useCallback(
    (range: Range) => {
      // Trailing and throttled, so that the last place of a pan always arrives.
      clearTimeout(pending.current);
      const send = () => {
        reportedAt.current = performance.now();
        setVisible(range);
        callbacks.current.onVisibleRange(range);
      };
      const wait = reportedAt.current + REPORT_MS - performance.now();
      if (wait <= 0) send();
      else pending.current = window.setTimeout(send, wait);
    },
    [callbacks],
  );
  useEffect(() => () => clearTimeout(pending.current), []);

  const onPicture = useCallback(
    (picture: ChartPicture) => {
      writeProbes(dock.current, picture);
      if (picture.visible) report(picture.visible);
    },
    [report],
  );
  const { parts, status, view } = useChartAndPlayer(stage, client, onPicture);
  const replaying = view.phase !== 'off';
  const key = series?.key ?? null;

  // The series decides everything; a replay of another one ends with it.
  const latestSeries = useLatest(series);
  useEffect(() => {
    if (!parts) return;
    parts.player.close();
    const chosen = latestSeries.current?.key === key ? latestSeries.current : null;
    parts.chart.showSeries(chosen, latestSpans.current, latestFocus.current);
  }, [parts, key, latestSeries, latestSpans, latestFocus]);

  useEffect(() => parts?.chart.setSpans(spans), [parts, spans]);

  const place = focus ? `${focus.at} ${focus.range?.from ?? ''} ${focus.range?.to ?? ''}` : '';
  useEffect(() => {
    if (place && latestFocus.current) parts?.chart.showFocus(latestFocus.current);
  }, [parts, place, latestFocus]);

  const wasConnected = useRef(connected);
  useEffect(() => {
    if (connected && !wasConnected.current) parts?.chart.reload();
    wasConnected.current = connected;
  }, [parts, connected]);

  // The theme's attribute may be set after this effect, and fonts may come late: colours are read a frame later.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme is the reason to run
  useEffect(() => {
    const repaint = () => {
      parts?.chart.setTheme();
      track.current?.setTheme();
    };
    const frame = requestAnimationFrame(repaint);
    let live = true;
    void document.fonts.ready.then(() => live && repaint());
    return () => {
      live = false;
      cancelAnimationFrame(frame);
    };
  }, [parts, theme]);

  // One pump per frame paints candles, playhead and probes while a replay is open.
  useEffect(() => {
    if (!parts || !replaying) return;
    const { chart, player } = parts;
    chart.enterReplay();
    playButton.current?.focus();
    let frame = 0;
    let toldAt = 0;
    const pump = (now: number) => {
      frame = requestAnimationFrame(pump);
      const { state, phase, request } = player.latest;
      chart.paintReplay(phase !== 'playing', now);
      // While it plays the newest candle is ahead of the last state that was told.
      const [told, shown] = [state?.playhead ?? request?.range.from ?? null, chart.replayClose];
      const playhead = phase === 'playing' && told !== null && shown !== null ? Math.max(told, shown) : told;
      track.current?.draw(playhead);
      if (now - toldAt < REPORT_MS || playhead === null) return;
      toldAt = now;
      dock.current?.setAttribute('data-playhead', String(playhead));
      callbacks.current.onPlayhead(playhead);
    };
    frame = requestAnimationFrame(pump);
    return () => {
      cancelAnimationFrame(frame);
      dock.current?.removeAttribute('data-playhead');
      callbacks.current.onPlayhead(null);
      chart.leaveReplay();
    };
  }, [parts, replaying, callbacks]);

  const grid = useMemo(() => (series ? gridOf(series.interval) : null), [series]);
  const choices = useMemo(
    () => (grid && !replaying ? replayChoices(grid, spans, visible, focus?.range ?? null) : []),
    [grid, replaying, spans, visible, focus?.range],
  );
  const start = (choice: ReplayChoice) => {
    if (key) void parts?.player.open({ key, range: choice.range });
  };
  useReplayKeys(dock, parts?.player ?? null, replaying, series?.interval ?? null);

  const chartKeys = (event: KeyboardEvent) => {
    if (replaying || !parts || event.ctrlKey || event.altKey || event.metaKey) return;
    const move = CHART_KEYS[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    if (move.pan) parts.chart.pan(event.shiftKey ? move.pan / 5 : move.pan);
    if (move.zoom) parts.chart.zoom(move.zoom);
  };

  const label = series ? `Candles of ${series.symbol} ${series.interval}` : 'Candles';
  return (
    <section
      ref={dock}
      className={replaying ? 'tm-dock tm-replaying' : 'tm-dock'}
      aria-label="Chart and replay"
      data-testid="chart"
      data-chart-status={status.kind}
      data-replay-phase={view.phase}
    >
      <div className="tm-stage">
        <div
          ref={stage}
          className="tm-canvas"
          role="application"
          aria-label={visible ? `${label}, ${formatTime(visible.from)} to ${formatTime(visible.to)} UTC` : label}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: the chart pans and zooms by keyboard
          tabIndex={0}
          onKeyDown={chartKeys}
        />
        {replaying ? <span className="tm-badge">Replay</span> : null}
        {status.kind === 'loading' || view.phase === 'opening' || view.phase === 'loading' ? (
          <div className="tm-loading" role="progressbar" aria-label="Reading candles" />
        ) : null}
        {replaying ? null : (
          <ChartNotice
            status={status}
            series={series}
            tradesOf={tradesOf}
            connected={connected}
            hasPicture={visible !== null && (status.kind === 'ready' || status.kind === 'failed')}
            onGoTo={(at) => parts?.chart.showFocus({ at })}
            onRetry={() => parts?.chart.reload()}
          />
        )}
        {view.problem ? (
          <div className="tm-notice tm-notice-line" role="alert" data-testid="replay-problem">
            <strong>{view.phase === 'failed' ? 'The replay stopped' : 'That did not work'}</strong>
            <span>{view.problem}</span>
          </div>
        ) : null}
      </div>
      {replaying && parts && series && grid ? (
        <Transport
          player={parts.player}
          view={view}
          interval={series.interval}
          grid={grid}
          spans={spans}
          connected={connected}
          trackRef={track}
          playRef={playButton}
        />
      ) : (
        <StartBar
          choices={choices}
          seriesKey={key}
          grid={grid}
          revision={spans}
          connected={connected}
          onStart={start}
        />
      )}
    </section>
  );
}

const CHART_KEYS: Readonly<Record<string, { pan?: number; zoom?: number }>> = {
  ArrowLeft: { pan: -0.25 },
  ArrowRight: { pan: 0.25 },
  '+': { zoom: 0.7 },
  '=': { zoom: 0.7 },
  '-': { zoom: 1 / 0.7 },
};

/** What tests read from the outside. */
function writeProbes(dock: HTMLElement | null, picture: ChartPicture): void {
  if (!dock) return;
  const probes: Record<string, number | null> = {
    bars: picture.bars,
    visibleFrom: picture.visible ? Math.round(picture.visible.from) : null,
    visibleTo: picture.visible ? Math.round(picture.visible.to) : null,
    lastOpen: picture.lastOpen,
    gapCount: picture.gaps,
  };
  for (const [name, value] of Object.entries(probes)) {
    if (value === null) delete dock.dataset[name];
    else dock.dataset[name] = String(value);
  }
}
