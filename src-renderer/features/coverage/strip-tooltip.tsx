import type { ProvenanceSpan, SpanDetail } from '@shared/contract';
import { formatTime, parseStoredSeriesKey, seriesWord } from '@shared/market';
import { type Ref, useEffect, useState } from 'react';
import { sentenceOf, useSession } from '../../client';
import {
  barWordOf,
  formatAmount,
  formatBars,
  formatDuration,
  newestFirst,
  originWords,
  SOURCE_WORDS,
  shortHash,
  sourceTally,
  VERDICT_WORDS,
  VerdictMark,
} from '../../components';
import { type StripHover, useHover } from './hover-store';
import type { OutageBand } from './outage-bands';

/** A pointer must rest this long before the core is asked for the evidence. */
const ASK_AFTER_MS = 180;
const EVIDENCE_SHOWN = 3;

/** Says what is under the pointer: at once what the window knows, a little later the evidence. The owner moves it. */
export function StripTooltip({ ref }: { ref: Ref<HTMLDivElement> }) {
  const hover = useHover((state) => state.hover);
  const outage = useHover((state) => state.outage);
  return (
    <div ref={ref} className="strip-tooltip" hidden={!hover && !outage} role="tooltip" data-testid="strip-tooltip">
      {outage && <Outage band={outage} />}
      {hover && !outage && <Content key={`${hover.key} ${hover.span?.from}`} hover={hover} />}
    </div>
  );
}

function Outage({ band }: { band: OutageBand }) {
  return (
    <>
      <div className="strip-tooltip-verdict verdict-exchange_outage">
        <VerdictMark verdict="exchange_outage" />
        <span>{VERDICT_WORDS.exchange_outage.name}</span>
        <span className="num">{formatDuration(band.to - band.from)}</span>
      </div>
      <div className="num dim">
        {formatTime(band.from)} → {formatTime(band.to)}
      </div>
      <div className="dim">{formatAmount(band.rows, 'row')} on screen without bars here</div>
    </>
  );
}

function Content({ hover }: { hover: StripHover }) {
  const series = parseStoredSeriesKey(hover.key);
  const evidence = useEvidence(hover);
  const { span } = hover;
  return (
    <>
      <div className="strip-tooltip-head">
        <b>{series?.symbol}</b>
        <span className="num dim">{series && seriesWord(series)}</span>
      </div>
      {span ? (
        <>
          <div className={`strip-tooltip-verdict verdict-${span.verdict}`}>
            <VerdictMark verdict={span.verdict} />
            <span>{VERDICT_WORDS[span.verdict].name}</span>
            <span className="num">{formatBars(span.bars, barWordOf([hover.key]))}</span>
          </div>
          <div className="num dim">
            {formatTime(span.from)} → {formatTime(span.to)}
          </div>
          {span.verdict === 'present' && <From hover={hover} />}
          {evidence.length > 0 && (
            <ul className="strip-tooltip-evidence">
              {evidence.slice(0, EVIDENCE_SHOWN).map((line) => (
                <li key={line}>{line}</li>
              ))}
              {evidence.length > EVIDENCE_SHOWN && <li>{evidence.length - EVIDENCE_SHOWN} more</li>}
            </ul>
          )}
        </>
      ) : (
        <div className="dim">Nothing is known here.</div>
      )}
    </>
  );
}

function useEvidence(hover: StripHover): readonly string[] {
  const session = useSession();
  const [detail, setDetail] = useState<SpanDetail | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    const { span, key } = hover;
    if (!span) return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      session.call('coverage.explain', { key, at: span.from }, controller.signal).then(setDetail, (error) => {
        if (!controller.signal.aborted) setFailure(sentenceOf(error));
      });
    }, ASK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [hover, session]);
  return failure ? [failure] : (detail?.span.evidence ?? []);
}

/** Where the span's rows come from: how many answers, and the newest of them. */
function From({ hover }: { hover: StripHover }) {
  const session = useSession();
  const [spans, setSpans] = useState<readonly ProvenanceSpan[]>([]);
  useEffect(() => {
    const { span, key } = hover;
    if (!span) return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const range = { from: span.from, to: span.to };
      session.call('provenance.read', { key, range }, controller.signal).then(
        (answer) => setSpans(answer.spans),
        // The inspector says why; a tooltip stays short.
        () => undefined,
      );
    }, ASK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [hover, session]);
  const newest = newestFirst(spans)[0];
  if (!newest) return null;
  const origin = originWords(newest);
  return (
    <div className="strip-tooltip-from dim" data-testid="tooltip-provenance">
      <div>from {sourceTally(spans)}</div>
      <div className="num clip">
        {spans.length > 1 && 'newest: '}
        {origin ?? SOURCE_WORDS[newest.source]}
      </div>
      <div className="num faint">
        {newest.sha256 && `SHA-256 ${shortHash(newest.sha256)} · `}
        {formatTime(newest.at).slice(0, 16)} · job {newest.jobId}
      </div>
    </div>
  );
}
