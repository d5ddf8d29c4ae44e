import type { Universe, UniverseSymbol } from '@shared/contract';
import { hasEnded, type Market } from '@shared/market';
import { RotateCw, Search } from 'lucide-react';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import { Button, formatCount } from '../../components';
import { QuoteChips } from './quote-chips';
import { SymbolList, type SymbolListHandle } from './symbol-list';
import { matchingSymbols, quoteCounts, type StatusFilter, type UniverseFilter } from './universe-filter';
import type { UniverseState } from './use-universe';

export interface UniversePaneProps {
  market: Market;
  marketName: string;
  state: UniverseState;
  onAgain(): void;
  chosen: ReadonlySet<string>;
  onChosen(chosen: ReadonlySet<string>): void;
}

const NO_SYMBOLS: readonly UniverseSymbol[] = [];
const START: UniverseFilter = { text: '', quotes: new Set(), status: 'trading', order: 'name' };

/** Filters, and the symbols of one market that pass them. */
export function UniversePane({ market, marketName, state, onAgain, chosen, onChosen }: UniversePaneProps) {
  const [filter, setFilter] = useState<UniverseFilter>(START);
  const [active, setActive] = useState<string | undefined>();
  const list = useRef<SymbolListHandle>(null);
  const universe = state.phase === 'ready' ? state.universe : null;
  const all = universe?.symbols ?? NO_SYMBOLS;
  // Typing stays ahead of filtering and drawing some thousand symbols.
  const used = useDeferredValue(filter);
  // Only the view of what is chosen depends on it; the others must not be filtered anew with every click.
  const shownChosen = used.status === 'chosen' ? chosen : NO_CHOSEN;
  const found = useMemo(() => matchingSymbols(all, used, shownChosen), [all, used, shownChosen]);
  const quotes = useMemo(() => quoteCounts(all, used, shownChosen), [all, used, shownChosen]);
  const counts = useMemo(() => statusCounts(all), [all]);
  const change = (part: Partial<UniverseFilter>) => setFilter((before) => ({ ...before, ...part }));

  const allChosen = found.length > 0 && found.every((each) => chosen.has(each.symbol));
  const chooseFound = () => {
    const next = new Set(chosen);
    for (const { symbol } of found) {
      if (allChosen) next.delete(symbol);
      else next.add(symbol);
    }
    onChosen(next);
  };
  return (
    <div className="symbols">
      <div className="symbols-bar">
        <div className="search-field grow">
          <Search size={15} aria-hidden="true" />
          <input
            data-autofocus
            className="field"
            placeholder="Filter, for example BTC or USDT"
            aria-label="Filter symbols"
            role="combobox"
            aria-expanded="true"
            aria-controls="symbol-list"
            aria-activedescendant={active}
            data-testid="symbol-filter"
            spellCheck={false}
            value={filter.text}
            onKeyDown={(event) => list.current?.onKeyDown(event)}
            onChange={(event) => change({ text: event.target.value })}
          />
        </div>
        <StatusSegments
          value={filter.status}
          counts={{ ...counts, chosen: chosen.size }}
          onValue={(status) => change({ status })}
        />
      </div>
      <QuoteChips quotes={quotes} pressed={filter.quotes} onPressed={(next) => change({ quotes: next })} />
      <div className="framed-table">
        <div className="symbols-head">
          <OrderButton order="name" filter={filter} onFilter={change} label="Symbol" />
          <OrderButton order="quote" filter={filter} onFilter={change} label="Quote" />
          <span />
          <span className="symbol-life">First → last candle</span>
        </div>
        <SymbolList
          key={market}
          ref={list}
          market={market}
          symbols={found}
          chosen={chosen}
          busy={state.phase === 'loading'}
          onChosen={onChosen}
          onActive={setActive}
          instead={insteadOfRows(state, found.length, filter, marketName, onAgain)}
        />
      </div>
      <div className="spread symbols-foot">
        <span className="dim num" data-testid="symbol-count">
          {formatCount(found.length)} of {formatCount(all.length)}
        </span>
        <Findings universe={universe} />
        <Button
          size="small"
          kind="quiet"
          data-testid="choose-matching"
          disabled={found.length === 0}
          onClick={chooseFound}
        >
          {allChosen ? `Drop these ${formatCount(found.length)}` : `Choose all ${formatCount(found.length)}`}
        </Button>
      </div>
    </div>
  );
}

const NO_CHOSEN: ReadonlySet<string> = new Set();

function statusCounts(symbols: readonly UniverseSymbol[]) {
  let trading = 0;
  let ended = 0;
  for (const { status } of symbols) {
    if (status === 'TRADING') trading++;
    else if (hasEnded(status)) ended++;
  }
  return { trading, ended, all: symbols.length };
}

const STATUS_NAMES: Record<StatusFilter, string> = { trading: 'Trading', ended: 'Ended', all: 'All', chosen: 'Chosen' };

interface StatusSegmentsProps {
  value: StatusFilter;
  counts: Record<StatusFilter, number>;
  onValue(status: StatusFilter): void;
}

function StatusSegments({ value, counts, onValue }: StatusSegmentsProps) {
  return (
    <fieldset className="segments" aria-label="Status">
      {(Object.keys(STATUS_NAMES) as StatusFilter[]).map((status) => (
        <button
          key={status}
          type="button"
          aria-pressed={value === status}
          data-testid={`status-${status}`}
          onClick={() => onValue(status)}
        >
          {STATUS_NAMES[status]} <span className="num">{formatCount(counts[status])}</span>
        </button>
      ))}
    </fieldset>
  );
}

interface OrderButtonProps {
  order: UniverseFilter['order'];
  label: string;
  filter: UniverseFilter;
  onFilter(part: Partial<UniverseFilter>): void;
}

function OrderButton({ order, label, filter, onFilter }: OrderButtonProps) {
  const pressed = filter.order === order;
  return (
    <button
      type="button"
      className="order"
      aria-pressed={pressed}
      title={`Sort by ${label.toLowerCase()}`}
      onClick={() => onFilter({ order })}
    >
      {label}
      <span aria-hidden="true">{pressed ? ' ↓' : ''}</span>
    </button>
  );
}

/** What of the universe could not be learned. */
function Findings({ universe }: { universe: Universe | null }) {
  if (!universe || universe.findings.length === 0) return null;
  const text = universe.findings.join(' ');
  return (
    <span className="dim clip symbols-findings" title={text} data-testid="universe-findings">
      {text}
    </span>
  );
}

function insteadOfRows(
  state: UniverseState,
  found: number,
  filter: UniverseFilter,
  marketName: string,
  onAgain: () => void,
) {
  if (state.phase === 'failed')
    return (
      <div className="pad symbols-failed" role="alert">
        <p>{state.reason}</p>
        <Button size="small" onClick={onAgain}>
          <RotateCw size={14} aria-hidden="true" />
          Ask again
        </Button>
      </div>
    );
  if (state.phase === 'loading') return <p className="dim pad">Asking for the symbols of {marketName}…</p>;
  if (found > 0) return null;
  if (filter.status === 'chosen' && filter.text === '' && filter.quotes.size === 0)
    return <p className="dim pad">Nothing is chosen in {marketName} yet.</p>;
  const parts = [
    filter.text.trim() === '' ? '' : `has "${filter.text.trim()}" in its name`,
    filter.quotes.size === 0 ? '' : `is quoted in ${[...filter.quotes].join(' or ')}`,
    filter.status === 'all' ? '' : `is under ${STATUS_NAMES[filter.status]}`,
  ].filter(Boolean);
  return <p className="dim pad">No symbol {parts.length > 0 ? parts.join(' and ') : 'is there'}.</p>;
}
