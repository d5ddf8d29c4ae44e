import { MARKETS, type Market, seriesWord } from '@shared/market';
import { useEffect, useMemo, useRef, useState } from 'react';
import { announce, openDialog, selectSeries, sentenceOf, useSession, useWindow } from '../../client';
import { Button, Dialog, formatAmount, formatCount, MARKET_WORDS, ProgressBar } from '../../components';
import { IntervalList } from './interval-list';
import { PickByList } from './pick-by-list';
import { type Addition, additionsOf, choicesOf, intervalsOf, type SeriesChoice, totalsOf } from './universe-filter';
import { UniversePane } from './universe-pane';
import { useUniverse } from './use-universe';

/** The contract's limit of one call. */
const SERIES_AT_ONCE = 5_000;
const NONE: ReadonlySet<string> = new Set();

/** Chooses symbols of any market, and intervals; every pair becomes a series, and trades of a symbol another. */
export function AddSeriesDialog() {
  const [market, setMarket] = useState<Market>('spot');
  const [chosen, setChosen] = useState<ReadonlyMap<Market, ReadonlySet<string>>>(new Map());
  const [choices, setChoices] = useState<ReadonlySet<SeriesChoice>>(new Set<SeriesChoice>(['1m']));
  const { state, again } = useUniverse(market);
  const listed = useListed();
  const additions = useMemo(() => additionsOf(chosen, choices), [chosen, choices]);
  const totals = useMemo(() => totalsOf(additions, listed), [additions, listed]);
  const { adding, added, failure, add, cancel } = useAdding();

  const own = chosen.get(market) ?? NONE;
  const choose = (symbols: ReadonlySet<string>) => setChosen((before) => new Map(before).set(market, symbols));
  const tooMany = totals.series > SERIES_AT_ONCE;
  const close = () => {
    cancel();
    openDialog(null);
  };
  return (
    <Dialog
      title="Add series"
      description="Nothing is fetched until you say so."
      onClose={close}
      className="add-series"
      testId="add-series-dialog"
      footer={
        <>
          <div className="grow add-sum" role="status" data-testid="add-series-sum">
            {adding ? (
              <>
                <span className="dim num">
                  {added > 0 ? `${formatCount(added)} of ${formatCount(totals.series)} series read` : 'Adding series…'}
                </span>
                <ProgressBar value={added > 0 ? added / totals.series : null} label="Adding series" />
              </>
            ) : failure ? (
              <span className="alarm">{failure}</span>
            ) : tooMany ? (
              <span className="warn">
                {sumWords(additions, chosen, choices)}; at most {formatCount(SERIES_AT_ONCE)} can be added at once.
              </span>
            ) : (
              <span className="dim">
                {sumWords(additions, chosen, choices)}
                {totals.series > totals.fresh &&
                  `, ${formatCount(totals.series - totals.fresh)} of them listed already`}
              </span>
            )}
          </div>
          <Button onClick={close}>Cancel</Button>
          <Button
            kind="primary"
            data-testid="add-series-confirm"
            disabled={totals.fresh === 0 || tooMany || adding}
            onClick={() => void add(additions, totals.fresh)}
          >
            {totals.fresh === 0 ? 'Add' : `Add ${formatCount(totals.fresh)} series`}
          </Button>
        </>
      }
    >
      <div className="add-columns">
        <div className="add-universe">
          <MarketTabs market={market} chosen={chosen} onMarket={setMarket} />
          <UniversePane
            market={market}
            marketName={MARKET_WORDS[market]}
            state={state}
            onAgain={again}
            chosen={own}
            onChosen={choose}
          />
        </div>
        <div className="add-side">
          <IntervalList chosen={choices} offered={intervalsOf(market)} onChosen={setChoices} />
          <PickByList
            key={market}
            symbols={state.phase === 'ready' ? state.universe.symbols : null}
            marketName={MARKET_WORDS[market]}
            onPick={(symbols) => choose(new Set([...own, ...symbols]))}
          />
          <section className="add-stored">
            <h3>Stored already?</h3>
            <p className="dim">Candles in tables of other programs, or in CSV files, can be adopted.</p>
            <Button size="small" data-testid="adopt-instead" disabled={adding} onClick={() => openDialog('adoption')}>
              Adopt tables or files…
            </Button>
          </section>
        </div>
      </div>
    </Dialog>
  );
}

/** `214 symbols × 3 intervals = 642 series`; of several markets only the sums. */
function sumWords(
  additions: readonly Addition[],
  chosen: ReadonlyMap<Market, ReadonlySet<string>>,
  choices: ReadonlySet<SeriesChoice>,
): string {
  const symbols = [...chosen.values()].reduce((sum, each) => sum + each.size, 0);
  const series = additions.reduce((sum, each) => sum + each.symbols.length * choicesOf(each).length, 0);
  if (symbols === 0) return 'No symbol is chosen yet';
  if (choices.size === 0) return `${formatAmount(symbols, 'symbol')}, no interval is chosen yet`;
  if (additions.length > 1)
    return `${formatAmount(symbols, 'symbol')} of ${additions.length} markets = ${formatCount(series)} series`;
  const [only] = additions;
  const intervals = only?.intervals.length ?? 0;
  const used = [intervals > 0 ? formatAmount(intervals, 'interval') : '', only?.aggTrades ? 'trades' : ''];
  return `${formatAmount(symbols, 'symbol')} × ${used.filter(Boolean).join(' and ')} = ${formatCount(series)} series`;
}

interface MarketTabsProps {
  market: Market;
  chosen: ReadonlyMap<Market, ReadonlySet<string>>;
  onMarket(market: Market): void;
}

function MarketTabs({ market, chosen, onMarket }: MarketTabsProps) {
  return (
    <fieldset className="segments markets" aria-label="Market">
      {MARKETS.map((each) => {
        const count = chosen.get(each)?.size ?? 0;
        return (
          <button
            key={each}
            type="button"
            aria-pressed={each === market}
            data-testid={`market-${each}`}
            onClick={() => onMarket(each)}
          >
            {MARKET_WORDS[each]}
            {count > 0 && <span className="num">{formatCount(count)} chosen</span>}
          </button>
        );
      })}
    </fieldset>
  );
}

function useListed(): (market: Market, symbol: string, choice: SeriesChoice) => boolean {
  const series = useWindow((state) => state.series);
  return useMemo(() => {
    const have = new Set(series?.map((each) => `${each.market} ${each.symbol} ${seriesWord(each)}`));
    return (market, symbol, choice) => have.has(`${market} ${symbol} ${choice}`);
  }, [series]);
}

/** Adds one market after the other, each by one call; what was added before a failure stays added. */
function useAdding() {
  const session = useSession();
  const [adding, setAdding] = useState(false);
  const [added, setAdded] = useState(0);
  const [failure, setFailure] = useState<string | null>(null);
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);

  const add = async (additions: readonly Addition[], fresh: number) => {
    const open = new AbortController();
    controller.current = open;
    setAdding(true);
    setAdded(0);
    setFailure(null);
    let before = 0;
    let size = 0;
    const stop = session.client.on('series.add_progressed', ({ done, total }) => {
      // Another window may be adding too.
      if (total === size) setAdded(before + done);
    });
    try {
      const keys: string[] = [];
      for (const addition of additions) {
        const { market, symbols, intervals, aggTrades } = addition;
        size = symbols.length * choicesOf(addition).length;
        const body = { market, symbols: [...symbols], intervals: [...intervals], aggTrades };
        const { series } = await session.call('series.add', body, open.signal);
        const asked = new Set(symbols);
        const isAsked = (each: (typeof series)[number]) =>
          each.market === market &&
          asked.has(each.symbol) &&
          (each.interval === null ? aggTrades : intervals.includes(each.interval));
        keys.push(...series.filter(isAsked).map((each) => each.key));
        before += size;
        setAdded(before);
      }
      await session.loadSeries();
      announce(`${formatCount(fresh)} series added.`);
      selectSeries(keys);
      openDialog(null);
    } catch (error) {
      if (open.signal.aborted) return;
      setFailure(sentenceOf(error));
      setAdding(false);
    } finally {
      stop();
    }
  };
  return { adding, added, failure, add, cancel: () => controller.current?.abort() };
}
