import { useState } from 'react';
import { formatCount } from '../../components';
import type { QuoteCount } from './universe-filter';

export interface QuoteChipsProps {
  quotes: readonly QuoteCount[];
  pressed: ReadonlySet<string>;
  onPressed(pressed: ReadonlySet<string>): void;
}

const SHOWN = 7;

/** Quote assets with their numbers of symbols; the rare ones unfold. */
export function QuoteChips({ quotes, pressed, onPressed }: QuoteChipsProps) {
  const [all, setAll] = useState(false);
  const shown = all ? quotes : quotes.filter(({ quote }, index) => index < SHOWN || pressed.has(quote));
  const hidden = quotes.length - shown.length;
  return (
    <fieldset className="chips quote-chips" aria-label="Quote asset">
      {shown.map(({ quote, count }) => (
        <button
          key={quote}
          type="button"
          className="chip"
          aria-pressed={pressed.has(quote)}
          data-testid={`quote-${quote}`}
          onClick={() => {
            const next = new Set(pressed);
            if (!next.delete(quote)) next.add(quote);
            onPressed(next);
          }}
        >
          {quote} <span className="num">{formatCount(count)}</span>
        </button>
      ))}
      {(hidden > 0 || (all && quotes.length > SHOWN)) && (
        <button type="button" className="link" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `${formatCount(hidden)} more`}
        </button>
      )}
    </fieldset>
  );
}
