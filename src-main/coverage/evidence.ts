import { barWord, formatTime, idsText, type Proof, type StoredSeries } from '@shared/market';

/** What a proof says about a span of the series, in a sentence. */
export function sentenceOf(proof: Proof, series: StoredSeries): string {
  switch (proof.kind) {
    case 'asked':
      return proof.told;
    case 'catalogue': {
      const { entry, origin, from, to, sources, remark } = proof;
      const stop = `exchange-wide stop ${formatTime(from)} to ${lastMinute(from, to)} UTC`;
      const shown =
        origin === 'shipped' ? `shown by ${sources} public sources` : `which ${sources} symbols here lacked`;
      return `Outage catalogue, ${origin === 'own' ? 'own ' : ''}entry ${entry}: ${stop}, ${shown}${remark ? `, ${remark}` : ''}.`;
    }
    case 'peers': {
      const { asked, lacking, lackingSymbols, havingSymbols } = proof;
      const what = `${proof.market} ${proof.interval ?? 'trades'}`;
      const names = lacking * 2 >= asked ? lackingSymbols : havingSymbols;
      const named = lacking * 2 >= asked ? 'lacking' : 'having';
      const more = (lacking * 2 >= asked ? lacking : asked - lacking) - names.length;
      return `${lacking} of ${asked} other symbols of ${what} that were asked lack these ${barWord(series)}s (${named} them: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}).`;
    }
    case 'trade_ids': {
      const { before, after, continuous } = proof;
      const around = `The aggregate trades ${before.id} (${formatTime(before.at)} UTC) and ${after.id} (${formatTime(after.at)} UTC) lie on both sides`;
      return continuous
        ? `${around} and follow each other: nothing was traded meanwhile.`
        : `${around}; ids between them are missing or were traded meanwhile.`;
    }
    case 'flats':
      return `${proof.bars} ${proof.bars === 1 ? 'candle' : 'candles'} without any trade lead into it, from ${formatTime(proof.from)} UTC.`;
    case 'lifetime':
      if (proof.told !== null) return proof.told;
      return proof.bound === 'first'
        ? `The first candle of ${series.symbol} at the exchange opens at ${formatTime(proof.open)} UTC (asked with startTime=0).`
        : `The last candle of ${series.symbol} opens at ${formatTime(proof.open)} UTC; the symbol no longer trades.`;
    case 'accepted':
      return `Accepted as explained on ${formatTime(proof.at)} UTC: ${proof.reason}`;
    case 'clock':
      return `By the exchange's clock (${formatTime(Math.floor(proof.now / 1000) * 1000)} UTC) these ${series.interval === null ? 'minutes are not over' : 'candles are not closed'} yet.`;
    case 'not_asked':
      return proof.source === 'any'
        ? 'No source has been asked for these bars.'
        : 'REST has not been asked for these bars yet.';
    case 'table_lacks':
      return 'The source had these bars and they were stored, but the table lacks them now.';
    case 'missing_ids': {
      const ids = idsText({ from: proof.firstId, to: proof.lastId });
      const when = `traded between ${formatTime(proof.from)} and ${formatTime(proof.to)} UTC`;
      return `Aggregate trade ids ${ids}, ${when}, are not stored${
        proof.inArchive
          ? ', although the source had some of them.'
          : ', and no source has said that they do not exist: REST has to be asked.'
      }`;
    }
    case 'left_out':
      return `… and ${proof.count.toLocaleString('en')} more ${proof.what === 'asked' ? 'answers' : 'ids'}.`;
  }
}

/** The last missing minute of a stop, without its day where that is the first one's. */
function lastMinute(from: number, to: number): string {
  const last = formatTime(to - 60_000);
  const day = formatTime(from).slice(0, 10);
  return last.startsWith(day) ? last.slice(11) : last;
}
