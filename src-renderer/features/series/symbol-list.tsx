import type { UniverseSymbol } from '@shared/contract';
import { GONE, type Market } from '@shared/market';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, type Ref, useImperativeHandle, useRef, useState } from 'react';
import type { LifeAnswer } from './life-loader';
import { statusWords } from './universe-filter';
import { useLives } from './use-lives';

const ROW = 30;

export interface SymbolListHandle {
  /** Keys of the filter field that move in the list. */
  onKeyDown(event: KeyboardEvent): void;
}

export interface SymbolListProps {
  ref: Ref<SymbolListHandle>;
  market: Market;
  symbols: readonly UniverseSymbol[];
  chosen: ReadonlySet<string>;
  busy: boolean;
  onChosen(chosen: ReadonlySet<string>): void;
  /** id of the active option, for the field that names it. */
  onActive(id: string | undefined): void;
  /** Stands where rows would stand. */
  instead: ReactNode | null;
}

/** Symbols with their state and lifetime; only rows on screen are in the document, and only for them the exchange is asked. */
export function SymbolList({ ref, market, symbols, chosen, busy, onChosen, onActive, instead }: SymbolListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState(0);
  // Where a Shift+click starts.
  const [anchor, setAnchor] = useState(0);
  const at = Math.min(cursor, Math.max(0, symbols.length - 1));
  const rows = useVirtualizer({
    count: symbols.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 6,
  });
  const items = rows.getVirtualItems();
  const { startIndex = 0, endIndex = -1 } = rows.range ?? {};
  const lives = useLives(
    market,
    symbols.slice(startIndex, endIndex + 1).map((each) => each.symbol),
  );

  const moveTo = (index: number) => {
    setCursor(index);
    rows.scrollToIndex(index);
    const symbol = symbols[index];
    onActive(symbol ? optionId(symbol.symbol) : undefined);
  };
  const toggle = (index: number, through: number) => {
    const symbol = symbols[index];
    if (!symbol) return;
    const next = new Set(chosen);
    const add = !chosen.has(symbol.symbol);
    for (const each of symbols.slice(Math.min(index, through), Math.max(index, through) + 1)) {
      if (add) next.add(each.symbol);
      else next.delete(each.symbol);
    }
    setAnchor(index);
    onChosen(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, endIndex - startIndex - 1);
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    const onList = event.target === scroller.current;
    if (step !== undefined) moveTo(Math.min(symbols.length - 1, Math.max(0, at + step)));
    else if (onList && event.key === 'Home') moveTo(0);
    else if (onList && event.key === 'End') moveTo(symbols.length - 1);
    else if (event.key === 'Enter' || (onList && event.key === ' ')) toggle(at, event.shiftKey ? anchor : at);
    else return;
    event.preventDefault();
  };
  useImperativeHandle(ref, () => ({ onKeyDown }));

  return (
    <div
      ref={scroller}
      id="symbol-list"
      className="symbol-list"
      role="listbox"
      aria-multiselectable="true"
      aria-label="Symbols"
      aria-busy={busy}
      aria-activedescendant={symbols[at] ? optionId(symbols[at].symbol) : undefined}
      tabIndex={0}
      data-testid="symbol-list"
      data-count={symbols.length}
      onKeyDown={onKeyDown}
    >
      {instead ?? (
        <div role="presentation" style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {items.map((item) => {
            const each = symbols[item.index];
            if (!each) return null;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the list around it handles the keys.
              // biome-ignore lint/a11y/useFocusableInteractive: the list holds the focus and names the active option.
              <div
                key={each.symbol}
                id={optionId(each.symbol)}
                role="option"
                aria-selected={chosen.has(each.symbol)}
                aria-posinset={item.index + 1}
                aria-setsize={symbols.length}
                className={`symbol ${item.index === at ? 'is-active' : ''}`}
                style={{ transform: `translateY(${item.start}px)` }}
                data-testid={`symbol-${each.symbol}`}
                onClick={(event) => {
                  setCursor(item.index);
                  toggle(item.index, event.shiftKey ? anchor : item.index);
                }}
              >
                <SymbolRow symbol={each} life={lives.get(each.symbol)} />
              </div>
            );
          })}
        </div>
      )}
    </div>
  );
}

function optionId(symbol: string): string {
  return `option-${symbol}`;
}

function SymbolRow({ symbol, life }: { symbol: UniverseSymbol; life: LifeAnswer | undefined }) {
  const status = statusWords(symbol.status);
  return (
    <>
      <i className="check" aria-hidden="true" />
      <b className="clip" title={symbol.symbol}>
        {symbol.symbol}
      </b>
      <span className="dim clip">{symbol.quoteAsset || '–'}</span>
      <span className="symbol-status">
        {status && (
          <span
            className="tag"
            title={
              symbol.status === GONE
                ? 'The exchange no longer lists it; its archive still has candles'
                : `The exchange says ${symbol.status}`
            }
          >
            {status}
          </span>
        )}
      </span>
      <Life answer={life} />
    </>
  );
}

function Life({ answer }: { answer: LifeAnswer | undefined }) {
  if (!answer) return <span className="num faint symbol-life">·</span>;
  const { life, failure } = answer;
  if (failure !== null)
    return (
      <span className="num faint symbol-life" title={failure}>
        –<span className="visually-hidden">{failure}</span>
      </span>
    );
  if (!life || life.first === null)
    return (
      <span className="num faint symbol-life" title="No candle is known of it">
        none
      </span>
    );
  return (
    <span className="num dim symbol-life" title={lifeTitle(life.source)}>
      {day(life.first)}
      {' → '}
      {life.last === null ? <span className="symbol-open-end" /> : day(life.last)}
    </span>
  );
}

function lifeTitle(source: 'rest' | 'archive'): string {
  return source === 'rest'
    ? 'First and last candle, UTC, as the exchange says'
    : 'First and last file in the archive, UTC';
}

const day = (t: number) => new Date(t).toISOString().slice(0, 10);
