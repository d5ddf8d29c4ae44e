import type { SpanDetail } from '@shared/contract';
import { formatTime, parseStoredSeriesKey, type Span, verdictClass } from '@shared/market';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type CoveragePage, sentenceOf, useCoverage, useSession, useWindow } from '../../client';
import { barWordOf, formatBars, IconButton, VERDICT_WORDS, VerdictMark } from '../../components';
import { AcceptGaps } from './accept-gaps';
import { GapTable } from './gap-table';
import { gapTries, triesInWords } from './gap-tries';
import { Provenance } from './provenance';
import { RepairCard } from './repair-card';
import { SeriesTitle } from './series-title';
import { repairId } from './use-plan';
import { WithdrawAcceptance } from './withdraw-acceptance';

export interface SpanInspectorProps {
  seriesKey: string;
  span: Span;
  onPick(span: Span): void;
  onStep(step: 1 | -1): void;
}

const EVIDENCE_SHOWN = 3;

/** One gap: what it is, what proves it, and what can be done. */
export function SpanInspector({ seriesKey, span, onPick, onStep }: SpanInspectorProps) {
  const page = useCoverage(seriesKey);
  const { detail, failure } = useSpanDetail(seriesKey, span, page?.revision ?? 0);
  const series = parseStoredSeriesKey(seriesKey);
  const now = presentSpan(page, span);
  const verdict = now?.verdict ?? span.verdict;
  const explained = verdictClass(verdict) === 'explained';
  const items = [{ key: seriesKey, range: { from: span.from, to: span.to } }];
  const accepted = detail?.span.proofs?.some((proof) => proof.kind === 'accepted') ?? false;
  const tries = detail ? triesInWords(gapTries(detail.span)) : '';
  const worked = useWindow((state) => state.jobOfSelection[repairId(items)] !== undefined);
  const evidence = (
    <>
      <Evidence meaning={VERDICT_WORDS[verdict].meaning} lines={detail?.span.evidence ?? []} failure={failure} />
      {tries && verdict !== 'present' && (
        <p className="faint num" data-testid="gap-tries">
          {tries}
        </p>
      )}
    </>
  );
  return (
    <>
      <div className="inspector-head">
        <SeriesTitle series={series} />
        <span className="num dim gap-number" data-testid="gap-number">
          {detail?.gapNumber != null && `gap ${detail.gapNumber} of ${detail.gapCount}`}
        </span>
        <IconButton label="Previous gap" shortcut="[" onClick={() => onStep(-1)}>
          <ChevronLeft size={16} />
        </IconButton>
        <IconButton label="Next gap" shortcut="]" onClick={() => onStep(1)}>
          <ChevronRight size={16} />
        </IconButton>
      </div>
      <div className={`spread verdict-${verdict}`} data-testid="verdict" data-verdict={verdict}>
        <span className="verdict-name strong">
          <VerdictMark verdict={verdict} />
          {now ? VERDICT_WORDS[verdict].name : worked ? 'partly filled' : 'changed meanwhile'}
        </span>
        <span className="num">{formatBars(span.bars, barWordOf([seriesKey]))}</span>
      </div>
      <div className="num dim">
        {formatTime(span.from)} → {formatTime(span.to)}
      </div>
      {!worked && evidence}
      {explained ? <p className="notice">Explained: there is nothing to repair.</p> : <RepairCard items={items} />}
      {!worked && verdictClass(verdict) === 'unexplained' && <AcceptGaps gaps={[{ key: seriesKey, span }]} />}
      {accepted && <WithdrawAcceptance seriesKey={seriesKey} range={span} />}
      {worked && evidence}
      {verdict === 'present' && <Provenance seriesKey={seriesKey} range={span} revision={page?.revision ?? 0} />}
      {page && <GapTable page={page} onPick={onPick} />}
    </>
  );
}

interface EvidenceProps {
  meaning: string;
  lines: readonly string[];
  failure: string | null;
}

/** What proves the verdict; the first lines, the rest on demand. */
function Evidence({ meaning, lines, failure }: EvidenceProps) {
  const [all, setAll] = useState(false);
  const more = lines.length - EVIDENCE_SHOWN;
  return (
    <div className="evidence" data-testid="evidence">
      {lines.length === 0 && <p className="dim">{meaning}</p>}
      {failure && <p className="alarm">{failure}</p>}
      {(all || more <= 1 ? lines : lines.slice(0, EVIDENCE_SHOWN)).map((line) => (
        <p key={line}>{line}</p>
      ))}
      {more > 1 && (
        <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `${more} more`}
        </button>
      )}
    </div>
  );
}

/** The one span that now covers what was selected; null when it has become several. */
function presentSpan(page: CoveragePage | null, span: Span): Span | null {
  return page?.spans.find((each) => each.from <= span.from && each.to >= span.to) ?? null;
}

function useSpanDetail(
  key: string,
  span: Span,
  revision: number,
): { detail: SpanDetail | null; failure: string | null } {
  const session = useSession();
  const [answer, setAnswer] = useState<{ id: string; detail: SpanDetail | null; failure: string | null } | null>(null);
  const id = `${key} ${span.from} ${span.to}`;
  useEffect(() => {
    void revision;
    const controller = new AbortController();
    session.call('coverage.explain', { key, at: span.from }, controller.signal).then(
      (detail) => setAnswer({ id, detail, failure: null }),
      (error) => {
        if (!controller.signal.aborted) setAnswer({ id, detail: null, failure: sentenceOf(error) });
      },
    );
    return () => controller.abort();
  }, [session, key, span.from, id, revision]);
  return answer?.id === id ? answer : { detail: null, failure: null };
}
