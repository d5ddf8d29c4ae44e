import { Import, Search } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { useSession } from '../../client';
import { Button, EmptyState, formatCount } from '../../components';
import { CandidateList } from './candidate-list';
import { readForeign, useCandidates } from './candidate-store';
import { LIST_PARTS, type ListLine, type ListPart, partOf, shownLines } from './candidates';
import { NameSource } from './name-source';

const PART_WORDS: Record<ListPart, string> = {
  all: 'All',
  new: 'New',
  adopted: 'Adopted before',
  unfit: 'Cannot be adopted',
};

/** Which tables and files, and into which series. */
export function Choosing({ lines }: { lines: readonly ListLine[] }) {
  const session = useSession();
  const { foreign, failure } = useCandidates();
  const [part, setPart] = useState<ListPart>('all');
  const [text, setText] = useState('');
  const shown = useMemo(() => shownLines(lines, part, text), [lines, part, text]);
  const count = (each: ListPart) => lines.filter((line) => each === 'all' || partOf(line) === each).length;
  return (
    <>
      <div className="adoption-bar">
        <fieldset className="segments" aria-label="Shown">
          {LIST_PARTS.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={part === each}
              data-autofocus={each === 'all' ? true : undefined}
              data-testid={`adoption-${each}`}
              onClick={() => setPart(each)}
            >
              {PART_WORDS[each]} <span className="num">{formatCount(count(each))}</span>
            </button>
          ))}
        </fieldset>
        <div className="search-field grow">
          <Search size={15} aria-hidden="true" />
          <input
            className="field"
            value={text}
            aria-label="Filter by name"
            placeholder="Filter by name"
            data-testid="adoption-filter"
            onChange={(event) => setText(event.target.value)}
          />
        </div>
      </div>
      {failure && (
        <div className="notice notice-alarm" role="alert">
          {failure}
          <Button size="small" onClick={() => void readForeign(session)}>
            Read again
          </Button>
        </div>
      )}
      <div className="framed-table" aria-busy={foreign === null && !failure}>
        {shown.length > 0 ? <CandidateList lines={shown} /> : <Nothing lines={lines} failed={failure !== null} />}
      </div>
      <NameSource
        onNamed={() => {
          setPart('all');
          setText('');
        }}
      />
    </>
  );
}

/** Why the list is empty. */
function Nothing({ lines, failed }: { lines: readonly ListLine[]; failed: boolean }): ReactNode {
  const isRead = useCandidates(({ foreign }) => foreign !== null);
  if (!isRead && !failed) return <p className="dim pad">Looking at the tables of the database…</p>;
  return (
    <div className="candidates-empty">
      {lines.length > 0 ? (
        <EmptyState icon={<Search size={22} />} title="None under this filter." />
      ) : (
        <EmptyState icon={<Import size={22} />} title="No table of another program holds candles.">
          <p>
            Tables with a timestamp and open, high, low, close, volume would be listed here. A CSV file is named below.
          </p>
        </EmptyState>
      )}
    </div>
  );
}
