import type { SymbolInfo } from '@shared/contract';
import { INTERVALS, type Interval } from '@shared/market';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Search } from 'lucide-react';
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { announce, openDialog, select, sentenceOf, useSession, useWindow } from '../../client';
import { Button, Dialog, formatAmount, formatCount } from '../../components';

const LIMIT = 500;
const ROW = 32;

/** Chooses symbols and intervals; every pair becomes a series. */
export function AddSeriesDialog() {
  const session = useSession();
  const known = useWindow((state) => state.series);
  const [query, setQuery] = useState('');
  const asked = useDeferredValue(query.trim().toUpperCase());
  const found = useSymbols(asked);
  const [symbols, setSymbols] = useState<ReadonlySet<string>>(new Set());
  const [intervals, setIntervals] = useState<ReadonlySet<Interval>>(new Set<Interval>(['1m']));
  const [adding, setAdding] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  const have = useMemo(() => new Set(known?.map((each) => `${each.symbol} ${each.interval}`)), [known]);
  const pairs = [...symbols].flatMap((symbol) => [...intervals].map((interval) => `${symbol} ${interval}`));
  const fresh = pairs.filter((pair) => !have.has(pair)).length;

  const add = async () => {
    setAdding(true);
    setFailure(null);
    try {
      const { series } = await session.call('series.add', {
        market: 'spot',
        symbols: [...symbols],
        intervals: [...intervals],
      });
      await session.loadSeries();
      announce(`${formatAmount(fresh, 'series').replace('seriess', 'series')} added.`);
      const first = series.find((each) => symbols.has(each.symbol));
      if (first) select({ kind: 'series', key: first.key });
      openDialog(null);
    } catch (error) {
      setFailure(sentenceOf(error));
    } finally {
      setAdding(false);
    }
  };

  return (
    <Dialog
      title="Add series"
      description="Spot market. Nothing is fetched until you say so."
      onClose={() => openDialog(null)}
      className="add-series"
      testId="add-series-dialog"
      footer={
        <>
          <span className="dim grow">
            {failure ? (
              <span className="alarm">{failure}</span>
            ) : (
              `${formatAmount(symbols.size, 'symbol')} × ${formatAmount(intervals.size, 'interval')}`
            )}
            {!failure && pairs.length > fresh && `, ${pairs.length - fresh} already listed`}
          </span>
          <Button onClick={() => openDialog(null)}>Cancel</Button>
          <Button
            kind="primary"
            data-testid="add-series-confirm"
            disabled={fresh === 0 || adding}
            onClick={() => void add()}
          >
            {fresh === 0 ? 'Add' : `Add ${formatCount(fresh)} series`}
          </Button>
        </>
      }
    >
      <div className="add-columns">
        <SymbolList query={query} onQuery={setQuery} found={found} chosen={symbols} onChosen={setSymbols} />
        <IntervalList chosen={intervals} onChosen={setIntervals} />
      </div>
    </Dialog>
  );
}

interface Found {
  readonly symbols: readonly SymbolInfo[];
  readonly total: number;
  readonly loading: boolean;
  readonly failure: string | null;
}

function useSymbols(query: string): Found {
  const session = useSession();
  const [found, setFound] = useState<Found>({ symbols: [], total: 0, loading: true, failure: null });
  useEffect(() => {
    const controller = new AbortController();
    setFound((before) => ({ ...before, loading: true }));
    session.call('symbols.search', { market: 'spot', query, limit: LIMIT }, controller.signal).then(
      ({ symbols, total }) => setFound({ symbols, total, loading: false, failure: null }),
      (error) => {
        if (!controller.signal.aborted) setFound({ symbols: [], total: 0, loading: false, failure: sentenceOf(error) });
      },
    );
    return () => controller.abort();
  }, [session, query]);
  return found;
}

interface SymbolListProps {
  query: string;
  onQuery(query: string): void;
  found: Found;
  chosen: ReadonlySet<string>;
  onChosen(chosen: ReadonlySet<string>): void;
}

function SymbolList({ query, onQuery, found, chosen, onChosen }: SymbolListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState(0);
  const rows = useVirtualizer({
    count: found.symbols.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 6,
  });
  const toggle = (symbol: string) => {
    const next = new Set(chosen);
    if (!next.delete(symbol)) next.add(symbol);
    onChosen(next);
  };
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = Math.min(found.symbols.length - 1, Math.max(0, cursor + step));
      setCursor(next);
      rows.scrollToIndex(next);
    } else if (event.key === 'Enter' || (event.key === ' ' && event.target === scroller.current)) {
      event.preventDefault();
      const symbol = found.symbols[cursor];
      if (symbol) toggle(symbol.symbol);
    }
  };
  const allChosen = found.symbols.length > 0 && found.symbols.every((each) => chosen.has(each.symbol));
  const active = found.symbols[cursor];
  return (
    <div className="symbols">
      <div className="search-field">
        <Search size={15} aria-hidden="true" />
        <input
          data-autofocus
          className="field"
          placeholder="Filter, for example BTC or USDT"
          aria-label="Filter symbols"
          role="combobox"
          aria-expanded="true"
          aria-controls="symbol-list"
          aria-activedescendant={active ? `symbol-${active.symbol}` : undefined}
          data-testid="symbol-filter"
          spellCheck={false}
          value={query}
          onKeyDown={keys}
          onChange={(event) => {
            setCursor(0);
            onQuery(event.target.value);
          }}
        />
      </div>
      <div
        ref={scroller}
        id="symbol-list"
        className="symbol-list"
        role="listbox"
        aria-multiselectable="true"
        aria-label="Symbols"
        aria-busy={found.loading}
        tabIndex={0}
        onKeyDown={keys}
      >
        {found.failure ? (
          <p className="alarm pad">{found.failure}</p>
        ) : found.symbols.length === 0 ? (
          <p className="dim pad">
            {found.loading ? 'Asking the exchange for its symbols…' : `No symbol matches "${query}".`}
          </p>
        ) : (
          <div role="presentation" style={{ height: rows.getTotalSize(), position: 'relative' }}>
            {rows.getVirtualItems().map((item) => {
              const each = found.symbols[item.index]!;
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the list around it handles the keys.
                // biome-ignore lint/a11y/useFocusableInteractive: the list holds the focus and names the active option.
                <div
                  key={each.symbol}
                  id={`symbol-${each.symbol}`}
                  role="option"
                  aria-selected={chosen.has(each.symbol)}
                  className={`symbol ${item.index === cursor ? 'is-active' : ''}`}
                  style={{ transform: `translateY(${item.start}px)` }}
                  data-testid={`symbol-${each.symbol}`}
                  onClick={() => {
                    setCursor(item.index);
                    toggle(each.symbol);
                  }}
                >
                  <i className="check" aria-hidden="true" />
                  <b>{each.symbol}</b>
                  <span className="dim">
                    {each.baseAsset} / {each.quoteAsset}
                  </span>
                  {each.status !== 'TRADING' && <span className="tag">not trading</span>}
                </div>
              );
            })}
          </div>
        )}
      </div>
      <div className="spread symbols-foot">
        <span className="dim num">
          {formatCount(found.symbols.length)} of {formatCount(found.total)}
        </span>
        <Button
          size="small"
          kind="quiet"
          disabled={found.symbols.length === 0}
          onClick={() =>
            onChosen(
              allChosen ? new Set() : new Set([...chosen, ...found.symbols.map((each) => each.symbol)].slice(0, LIMIT)),
            )
          }
        >
          {allChosen ? 'Choose none' : `Choose all ${formatCount(found.symbols.length)}`}
        </Button>
      </div>
    </div>
  );
}

function IntervalList({
  chosen,
  onChosen,
}: {
  chosen: ReadonlySet<Interval>;
  onChosen(chosen: ReadonlySet<Interval>): void;
}) {
  return (
    <fieldset className="intervals">
      <legend>Intervals</legend>
      <div className="interval-grid">
        {INTERVALS.map((interval) => (
          <button
            key={interval}
            type="button"
            className="chip num"
            aria-pressed={chosen.has(interval)}
            data-testid={`interval-${interval}`}
            onClick={() => {
              const next = new Set(chosen);
              if (!next.delete(interval)) next.add(interval);
              onChosen(next);
            }}
          >
            {interval}
          </button>
        ))}
      </div>
      <p className="dim">
        Higher intervals can be rolled up from 1m when a chart needs them; a series of its own keeps the exchange's
        values.
      </p>
    </fieldset>
  );
}
