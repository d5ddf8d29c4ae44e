import type { ExchangeStatus, MarketWeight } from '@shared/contract';
import { type FocusEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { formatCount, MARKET_WORDS } from '../components';
import { exchangeNow, type WeightView, weightView, wholeSeconds } from './weight-words';

/** One bar per market in use; click or Enter tells the figures in words. */
export function WeightGauges({ exchange, cutOff }: { exchange: ExchangeStatus; cutOff: boolean }) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  const markets = exchange.markets.filter((each) => each.limit > 0);
  const ticking = open || markets.some((each) => each.blockedUntil !== null);
  const now = exchangeNow(exchange, useNow(ticking));
  useOutsideClick(root, open, () => setOpen(false));
  if (markets.length === 0) return null;
  const views = markets.map((weight) => ({ weight, view: weightView(weight, now) }));
  const reasons = views.flatMap(({ weight, view }) =>
    view.tone === 'blocked' && weight.blockedBecause
      ? [`${MARKET_WORDS[weight.market]}: ${weight.blockedBecause}`]
      : [],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !open) return;
    // Escape would also take the selection back.
    event.stopPropagation();
    setOpen(false);
  };
  const onBlur = (event: FocusEvent) => {
    if (event.relatedTarget !== null && !event.currentTarget.contains(event.relatedTarget)) setOpen(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape and leaving close what the button in it has opened.
    <div ref={root} className="weights" onKeyDown={onKeyDown} onBlur={onBlur}>
      <button
        type="button"
        className="weights-button"
        aria-expanded={open}
        aria-controls={id}
        title={reasons.length > 0 ? reasons.join('\n') : "Request weight used in the exchange's present minute"}
        data-testid="weight"
        onClick={() => setOpen(!open)}
      >
        {views.length === 1 ? (
          <span className="weights-word">weight</span>
        ) : (
          <span className="visually-hidden">Request weight</span>
        )}
        {views.map(({ weight, view }) => (
          <span key={weight.market} className={`weight tone-${view.tone}`} data-testid={`weight-${weight.market}`}>
            {views.length > 1 && <span>{MARKET_WORDS[weight.market]}</span>}
            <Bar view={view} />
            {view.tone === 'blocked' ? (
              <Figure width={widthOf(weight)} text={wholeSeconds((weight.blockedUntil ?? now) - now)} />
            ) : (
              <Figure
                width={widthOf(weight)}
                text={`${formatCount(weight.used)} / ${formatCount(weight.limit)}`}
                optional={views.length > 1}
              />
            )}
          </span>
        ))}
      </button>
      <section id={id} className="weights-popover" aria-label="Request weight" hidden={!open}>
        {views.map(({ weight, view }) => (
          <div key={weight.market} className={`tone-${view.tone}`}>
            <h3>{MARKET_WORDS[weight.market]}</h3>
            <Bar view={view} />
            {view.sentences.map((sentence) => (
              <p key={sentence.replaceAll(/[\d,.]+/g, '#')}>{sentence}</p>
            ))}
          </div>
        ))}
        {cutOff && <p className="dim">As it was when the connection to the core ended.</p>}
        <p className="faint">The whole bar is the exchange's limit of a minute; the mark is the share that is used.</p>
      </section>
    </div>
  );
}

function Bar({ view }: { view: WeightView }) {
  return (
    <span className="weight-bar" aria-hidden="true">
      <i style={{ width: `${view.used * 100}%` }} />
      {view.mark < 1 && <b style={{ left: `${view.mark * 100}%` }} />}
    </span>
  );
}

/** Always as wide as the widest text it will hold, so that nothing beside it moves. */
function Figure({ width, text, optional = false }: { width: number; text: string; optional?: boolean }) {
  return (
    <span className={`num weight-figure ${optional ? 'is-optional' : ''}`} style={{ minWidth: `${width}ch` }}>
      {text}
    </span>
  );
}

function widthOf({ limit }: MarketWeight): number {
  return formatCount(limit).length * 2 + 3;
}

/** This machine's time, every second while something counts down. */
function useNow(ticking: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!ticking) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}

function useOutsideClick(root: { current: HTMLElement | null }, open: boolean, onOutside: () => void): void {
  useEffect(() => {
    if (!open) return;
    const listener = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) onOutside();
    };
    document.addEventListener('pointerdown', listener);
    return () => document.removeEventListener('pointerdown', listener);
  });
}
