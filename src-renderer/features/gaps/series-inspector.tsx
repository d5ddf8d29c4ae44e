import type { SeriesSummary } from '@shared/contract';
import { barWord, formatTime, gridIntervalOf, parseStoredSeriesKey, type Span, seriesWord } from '@shared/market';
import { CalendarDays, Copy, Trash2 } from 'lucide-react';
import { useMemo, useState } from 'react';
import { announce, isAlarming, select, sentenceOf, useCoverage, useSession, useWindow } from '../../client';
import { Button, formatBars, formatCount, IconButton } from '../../components';
import { openCalendar } from '../calendar';
import { FetchForm } from './fetch-form';
import { GapTable } from './gap-table';
import { RepairCard } from './repair-card';
import { SeriesTitle } from './series-title';
import type { RepairItem } from './use-plan';

export interface SeriesInspectorProps {
  summary: SeriesSummary;
  onPick(span: Span): void;
}

/** One series: what is stored, what is missing, and how to get more of it. */
export function SeriesInspector({ summary, onPick }: SeriesInspectorProps) {
  const page = useCoverage(summary.key);
  // Decided once: the first bars must not replace the form that fetches them, nor its receipt.
  const [fetching, setFetching] = useState(summary.bars === 0);
  const [pinned, setPinned] = useState<readonly RepairItem[] | null>(null);
  const { key, interval, listedAt } = summary;
  const own = useMemo(() => [{ key, interval: gridIntervalOf({ interval }), listedAt }], [key, interval, listedAt]);
  const alarming = page?.gaps.filter(isAlarming) ?? [];
  const items = pinned ?? alarming.map((span) => ({ key: summary.key, range: { from: span.from, to: span.to } }));
  const facts: [string, string][] = [
    ['Stored', storedWords(summary)],
    ['First', summary.first === null ? 'none yet' : formatTime(summary.first)],
    ['Last', summary.last === null ? 'none yet' : formatTime(summary.last)],
    ['Listed', summary.listedAt === null ? 'not known yet' : formatTime(summary.listedAt)],
    ['Explained', formatBars(summary.missing.explained, barWord(summary))],
    ...(summary.flat ? [['Without a trade', formatBars(summary.flat)] satisfies [string, string]] : []),
  ];
  return (
    <>
      <div className="inspector-head">
        <SeriesTitle series={parseStoredSeriesKey(summary.key)} />
        <IconButton label="Calendar" shortcut="C" data-testid="open-calendar" onClick={() => openCalendar(summary.key)}>
          <CalendarDays size={15} />
        </IconButton>
        <RemoveSeries summary={summary} />
      </div>
      {summary.bars === 0 ? (
        <p className="dim">Nothing is stored yet. Choose a range: its plan is shown before anything is fetched.</p>
      ) : (
        <dl className="facts">
          {facts.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd className="num">{value}</dd>
            </div>
          ))}
          <div>
            <dt>Table</dt>
            <dd className="num copyable">
              <span className="clip" title={summary.table}>
                {summary.table}
              </span>
              <CopyButton text={summary.table} what="the table's name" />
            </dd>
          </div>
        </dl>
      )}
      {fetching ? (
        <FetchForm series={own} />
      ) : (
        <>
          {items.length > 0 && <RepairCard items={items} onPinned={setPinned} />}
          <Button data-testid="fetch-range" onClick={() => setFetching(true)}>
            Fetch a range…
          </Button>
        </>
      )}
      {page && summary.bars > 0 && <GapTable page={page} onPick={onPick} />}
    </>
  );
}

function storedWords(summary: SeriesSummary): string {
  const bars = formatBars(summary.bars, barWord(summary));
  return summary.trades === undefined ? bars : `${formatCount(summary.trades)} trades in ${bars}`;
}

function CopyButton({ text, what }: { text: string; what: string }) {
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => announce(`Copied ${what}.`),
      () => announce(`The clipboard is not available; ${what} is ${text}.`),
    );
  return (
    <IconButton label={`Copy ${what}`} className="small" onClick={() => void copy()}>
      <Copy size={13} />
    </IconButton>
  );
}

function RemoveSeries({ summary }: { summary: SeriesSummary }) {
  const session = useSession();
  const [asking, setAsking] = useState(false);
  if (!asking)
    return (
      <IconButton label="Remove from the list" data-testid="remove-series" onClick={() => setAsking(true)}>
        <Trash2 size={15} />
      </IconButton>
    );
  const remove = async () => {
    try {
      await session.call('series.remove', { keys: [summary.key] });
      select(null);
      announce(`${summary.symbol} ${seriesWord(summary)} was taken off the list.`);
    } catch (error) {
      useWindow.setState({ seriesError: sentenceOf(error) });
    }
    setAsking(false);
  };
  return (
    <span className="confirm">
      <Button
        size="small"
        kind="danger"
        data-testid="remove-confirm"
        title="Its table stays in QuestDB"
        autoFocus
        onClick={() => void remove()}
      >
        Take off the list
      </Button>
      <Button size="small" kind="quiet" onClick={() => setAsking(false)}>
        Keep
      </Button>
    </span>
  );
}
