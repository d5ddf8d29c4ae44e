import type { UniverseSymbol } from '@shared/contract';
import { FileText } from 'lucide-react';
import { useRef, useState } from 'react';
import { sentenceOf } from '../../client';
import { Button, formatAmount, formatCount } from '../../components';
import { pickByList } from './universe-filter';

export interface PickByListProps {
  /** null until they are known. */
  symbols: readonly UniverseSymbol[] | null;
  marketName: string;
  onPick(symbols: readonly string[]): void;
}

interface Outcome {
  readonly found: number;
  readonly unknown: readonly string[];
}

/** A file of names is small; whatever is larger is no such file. */
const MAX_FILE_BYTES = 1_000_000;
const UNKNOWN_SHOWN = 12;

/** Chooses symbols by their names, pasted or from a text file. */
export function PickByList({ symbols, marketName, onPick }: PickByListProps) {
  const [text, setText] = useState('');
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const file = useRef<HTMLInputElement>(null);

  const pick = (list: string) => {
    if (!symbols) return;
    const { found, unknown } = pickByList(list, symbols);
    setFailure(null);
    setOutcome({ found: found.length, unknown });
    onPick(found);
    // What was not found stays, to be corrected.
    setText(unknown.join(' '));
  };
  const open = async (chosen: File | undefined) => {
    if (!chosen) return;
    if (chosen.size > MAX_FILE_BYTES) {
      setFailure(`${chosen.name} is larger than a list of symbols can be (1 MB); nothing was chosen.`);
      return;
    }
    try {
      pick(await chosen.text());
    } catch (error) {
      setFailure(`${chosen.name} cannot be read: ${sentenceOf(error)}`);
    }
  };
  return (
    <section className="pick-list" aria-labelledby="pick-list-title">
      <h3 id="pick-list-title">By list</h3>
      <textarea
        className="field num"
        rows={4}
        placeholder="BTCUSDT, ETHUSDT …"
        aria-label="Names of symbols, separated by spaces, commas or lines"
        data-testid="symbol-paste"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          pick(text);
        }}
      />
      <div className="pick-list-buttons">
        <Button
          size="small"
          data-testid="symbol-paste-choose"
          disabled={!symbols || text.trim() === ''}
          title="Ctrl+Enter"
          onClick={() => pick(text)}
        >
          Choose these
        </Button>
        <Button size="small" kind="quiet" disabled={!symbols} onClick={() => file.current?.click()}>
          <FileText size={14} aria-hidden="true" />
          From a file…
        </Button>
        <input
          ref={file}
          type="file"
          hidden
          accept=".txt,.csv,text/plain,text/csv"
          data-testid="symbol-file"
          aria-label="File with names of symbols"
          onChange={(event) => {
            void open(event.target.files?.[0]);
            event.target.value = '';
          }}
        />
      </div>
      <div role="status" data-testid="symbol-paste-outcome">
        {failure && <p className="alarm">{failure}</p>}
        {!failure && outcome && <p className="dim">{formatAmount(outcome.found, 'symbol')} chosen.</p>}
        {!failure && outcome && outcome.unknown.length > 0 && (
          <p>
            Unknown in {marketName}:{' '}
            <span className="num pick-list-unknown">{outcome.unknown.slice(0, UNKNOWN_SHOWN).join(', ')}</span>
            {outcome.unknown.length > UNKNOWN_SHOWN &&
              ` and ${formatCount(outcome.unknown.length - UNKNOWN_SHOWN)} more`}
          </p>
        )}
      </div>
    </section>
  );
}
