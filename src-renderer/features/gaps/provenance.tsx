import type { ProvenanceSpan } from '@shared/contract';
import { formatTime, type Range } from '@shared/market';
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { sentenceOf, useSession, useWindow } from '../../client';
import {
  formatCount,
  IconButton,
  newestFirst,
  originWords,
  SOURCE_WORDS,
  shortHash,
  sourceTally,
} from '../../components';

/** A selection that is walked through is not asked about. */
const ASK_AFTER_MS = 250;
const SHOWN = 3;
const SHOWN_UNFOLDED = 100;

/** Where the stored rows of a range come from: source, file and hash or request, job and time; the newest first. */
export function Provenance({ seriesKey, range, revision }: { seriesKey: string; range: Range; revision: number }) {
  const { spans, failure } = useProvenance(seriesKey, range, revision);
  const [all, setAll] = useState(false);
  if (failure) return <p className="alarm">{failure}</p>;
  if (!spans) return <p className="dim">Reading where it comes from…</p>;
  if (spans.length === 0)
    return (
      <p className="dim" data-testid="provenance-none">
        Nothing is written down about where these bars come from.
      </p>
    );
  const sorted = newestFirst(spans);
  const shown = sorted.slice(0, all ? SHOWN_UNFOLDED : SHOWN);
  const more = sorted.length - SHOWN;
  return (
    <section className="provenance" aria-label="Where it comes from" data-testid="provenance">
      <h3>
        From <span className="dim">{sourceTally(spans)}</span>
      </h3>
      <ul>
        {shown.map((each) => (
          <li key={`${each.from} ${each.at}`} className="origin">
            <Origin span={each} />
          </li>
        ))}
      </ul>
      {more > 0 && (
        <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `and ${formatCount(more)} more`}
        </button>
      )}
      {all && sorted.length > SHOWN_UNFOLDED && (
        <p className="faint">The newest {SHOWN_UNFOLDED} are listed; select a shorter range for the others.</p>
      )}
    </section>
  );
}

function Origin({ span }: { span: ProvenanceSpan }) {
  const origin = originWords(span);
  return (
    <>
      <div className="spread">
        <b>{SOURCE_WORDS[span.source]}</b>
        <span className="num faint" title={`Job ${span.jobId}`}>
          {formatTime(span.at).slice(0, 16)}
        </span>
      </div>
      {origin && (
        <div className="num dim provenance-line">
          <span className="clip" title={span.file ?? span.request ?? undefined}>
            {origin}
          </span>
          {span.request && !span.file && <CopyButton text={span.request} what="request" />}
        </div>
      )}
      {span.sha256 && (
        <div className="num dim provenance-line">
          <span title={span.sha256}>SHA-256 {shortHash(span.sha256)}</span>
          <CopyButton text={span.sha256} what="hash" />
        </div>
      )}
      <div className="num faint">
        {formatTime(span.from)} → {formatTime(span.to)}
      </div>
    </>
  );
}

const SAY_COPIED_MS = 1_500;

function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAY_COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      (error) => useWindow.setState({ seriesError: `The ${what} could not be copied: ${sentenceOf(error)}` }),
    );
  return (
    <IconButton label={copied ? 'Copied' : `Copy the ${what}`} className="small" onClick={() => void copy()}>
      {copied ? <Check size={13} /> : <Copy size={13} />}
    </IconButton>
  );
}

interface Asked {
  readonly spans: readonly ProvenanceSpan[] | null;
  readonly failure: string | null;
}

const UNASKED: Asked = { spans: null, failure: null };

/** Asked again when the series has changed. */
function useProvenance(key: string, { from, to }: Range, revision: number): Asked {
  const session = useSession();
  const id = `${key} ${from} ${to}`;
  const [answer, setAnswer] = useState<{ id: string; asked: Asked } | null>(null);
  useEffect(() => {
    void revision;
    const controller = new AbortController();
    const settle = (asked: Asked) => {
      if (!controller.signal.aborted) setAnswer({ id, asked });
    };
    const timer = setTimeout(() => {
      session.call('provenance.read', { key, range: { from, to } }, controller.signal).then(
        ({ spans }) => settle({ spans, failure: null }),
        (error) => settle({ spans: null, failure: sentenceOf(error) }),
      );
    }, ASK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [session, key, from, to, id, revision]);
  return answer?.id === id ? answer.asked : UNASKED;
}
