import { INTERVALS, type Interval, isSymbol, MARKETS, type Market } from '@shared/market';
import { formatAmount, MARKET_WORDS, seriesWords } from '../../components';
import { contentWords } from './adoption-words';
import { choose, setTarget, targetOf, useCandidates } from './candidate-store';
import type { Candidate } from './candidates';

/** Symbols have at most so many characters. */
const SYMBOL_LENGTH = 20;

/** Rows of another program, and the series they are taken for, which can be corrected. */
export function CandidateRow({ candidate }: { candidate: Candidate }) {
  const target = targetOf(
    candidate,
    useCandidates(({ targets }) => targets),
  );
  const isChosen = useCandidates(({ chosen }) => chosen.has(candidate.id));
  const { id, name, detail, candles } = candidate;
  const label = detail === null ? name : `${name}, ${detail}`;
  return (
    <div className={`candidate ${isChosen ? 'is-chosen' : ''}`} data-testid={`candidate-${name}`}>
      <input
        type="checkbox"
        checked={isChosen}
        aria-label={`Adopt ${label}`}
        onChange={(event) => choose([id], event.target.checked)}
      />
      <span className="candidate-what">
        <span className="candidate-name">
          <b className="num clip" title={name}>
            {name}
          </b>
          {candles.adopted.map(({ key, rows }) => (
            <span key={key} className="tag" title={`${formatAmount(rows, 'row')} of it adopted`}>
              adopted into {seriesWords(key)}
            </span>
          ))}
        </span>
        {detail !== null && (
          <span className="num faint clip" title={detail}>
            {'file' in candles ? detail : `node id ${detail}`}
          </span>
        )}
        <span className="dim clip" title={contentWords(candidate)}>
          {contentWords(candidate)}
        </span>
      </span>
      <select
        className="field"
        aria-label={`Market of ${label}`}
        value={target.market}
        data-testid="candidate-market"
        onChange={(event) => setTarget(candidate, { market: event.target.value as Market })}
      >
        {MARKETS.map((market) => (
          <option key={market} value={market}>
            {MARKET_WORDS[market]}
          </option>
        ))}
      </select>
      <input
        className="field num"
        aria-label={`Symbol of ${label}`}
        aria-invalid={isChosen && !isSymbol(target.symbol)}
        placeholder="symbol"
        spellCheck={false}
        autoComplete="off"
        maxLength={SYMBOL_LENGTH}
        value={target.symbol}
        data-testid="candidate-symbol"
        onChange={(event) => setTarget(candidate, { symbol: event.target.value.trim().toUpperCase() })}
      />
      {candles.interval === null ? (
        <select
          className="field"
          aria-label={`Interval of ${label}`}
          aria-invalid={isChosen && target.interval === null}
          value={target.interval ?? ''}
          data-testid="candidate-interval"
          onChange={(event) => setTarget(candidate, { interval: event.target.value as Interval })}
        >
          <option value="" disabled>
            interval
          </option>
          {INTERVALS.map((interval) => (
            <option key={interval} value={interval}>
              {interval}
            </option>
          ))}
        </select>
      ) : (
        <span className="num candidate-interval" title="As its rows say">
          {candles.interval}
        </span>
      )}
    </div>
  );
}
