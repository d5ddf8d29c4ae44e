import { formatTime, type Grid, type Interval, type Span } from '@shared/market';
import { ChevronLeft, ChevronRight, Pause, Play, RotateCcw, SkipBack, SkipForward, X } from 'lucide-react';
import type { ReactNode, Ref } from 'react';
import { formatCount } from '../../charts';
import { PaceControl } from './pace-control';
import type { PlayerView, ReplayPlayer } from './replay-player';
import { Track, type TrackHandle } from './track';
import { crossedGaps } from './track-scale';

interface TransportProps {
  player: ReplayPlayer;
  view: PlayerView;
  interval: Interval;
  grid: Grid;
  spans: readonly Span[];
  connected: boolean;
  trackRef: Ref<TrackHandle>;
  playRef: Ref<HTMLButtonElement>;
}

/** The controls of a replay under way. */
export function Transport({ player, view, interval, grid, spans, connected, trackRef, playRef }: TransportProps) {
  const { phase, request, state } = view;
  if (!request) return null;
  const playing = phase === 'playing';
  const failed = phase === 'failed';
  const disabled = !connected || failed || phase === 'opening';
  const playhead = state?.playhead ?? request.range.from;
  const crossed = crossedGaps(spans, request.range, playhead, grid);
  const skipped = state?.barsSkipped ?? crossed.bars;
  return (
    <section className="tm-transport" aria-label="Replay">
      <div className="tm-buttons">
        <Control label="To the start (Home)" disabled={disabled} onPress={() => player.seek(request.range.from)}>
          <SkipBack />
        </Control>
        <Control label="One candle back (←)" disabled={disabled} onPress={() => player.step(-1)}>
          <ChevronLeft />
        </Control>
        {failed ? (
          <button
            ref={playRef}
            type="button"
            className="tm-play"
            aria-label="Open the replay again"
            title="Open the replay again"
            disabled={!connected}
            onClick={() => player.reopen()}
          >
            <RotateCcw />
          </button>
        ) : (
          <button
            ref={playRef}
            type="button"
            className="tm-play"
            data-testid="replay-play"
            aria-label={playing ? 'Pause (Space)' : 'Play (Space)'}
            title={playing ? 'Pause (Space)' : 'Play (Space)'}
            disabled={disabled}
            onClick={() => player.toggle()}
          >
            {playing ? <Pause /> : <Play className="tm-play-icon" />}
          </button>
        )}
        <Control label="One candle on (→)" disabled={disabled} onPress={() => player.step(1)}>
          <ChevronRight />
        </Control>
        <Control label="To the end (End)" disabled={disabled} onPress={() => player.seek(request.range.to)}>
          <SkipForward />
        </Control>
      </div>
      <PaceControl
        pace={view.pace}
        interval={interval}
        achieved={playing && state ? state.achievedBarsPerSecond : null}
        onPace={(pace) => player.setPace(pace)}
      />
      <span className="tm-num tm-clock" data-testid="replay-clock">
        {formatTime(playhead)} UTC
      </span>
      <Track
        ref={trackRef}
        range={request.range}
        spans={spans}
        grid={grid}
        playhead={playhead}
        disabled={disabled}
        onSeek={(to) => player.seek(to)}
      />
      <span className="tm-num tm-position" data-testid="replay-position">
        {state ? `${formatCount(state.position)} / ${formatCount(state.total)}` : '…'}
      </span>
      <span
        className="tm-crossed"
        data-testid="replay-crossed"
        title="Missing bars that the playhead has passed since the start of the range"
      >
        {skipped > 0 ? (
          <>
            <b className="tm-num">{formatCount(skipped)}</b> bars missing
            {crossed.gaps > 0 ? `, ${crossed.gaps} ${crossed.gaps === 1 ? 'gap' : 'gaps'}` : ''}
          </>
        ) : (
          'no gap crossed'
        )}
      </span>
      <Control label="Leave the replay" testId="replay-leave" onPress={() => player.close()}>
        <X />
      </Control>
    </section>
  );
}

interface ControlProps {
  label: string;
  disabled?: boolean;
  testId?: string;
  onPress(): void;
  children: ReactNode;
}

function Control({ label, disabled = false, testId, onPress, children }: ControlProps) {
  return (
    <button
      type="button"
      className="tm-control"
      data-testid={testId}
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onPress}
    >
      {children}
    </button>
  );
}
