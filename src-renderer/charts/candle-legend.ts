import { type CandleColumns, formatTime } from '@shared/market';
import { formatPrice, formatVolume } from './price-format';

/** What the legend tells about: a candle, a place where none is, or nothing. */
export type LegendSubject =
  | { kind: 'candle'; columns: CandleColumns; row: number; decimals: number }
  | { kind: 'missing'; at: number; words: string }
  | { kind: 'nothing' };

/** One line over the chart, written imperatively since it follows the pointer. */
export class CandleLegend {
  readonly #root: HTMLElement;
  readonly #title: HTMLElement;
  readonly #detail: HTMLElement;
  readonly #values = new Map<string, HTMLElement>();
  readonly #time: HTMLElement;
  readonly #line: HTMLElement;

  constructor(parent: HTMLElement) {
    this.#root = append(parent, 'div', 'tm-legend');
    this.#title = append(this.#root, 'span', 'tm-legend-title');
    this.#detail = append(this.#root, 'span', 'tm-legend-detail');
    this.#line = append(this.#root, 'span', 'tm-legend-values');
    this.#time = append(this.#line, 'span', 'tm-legend-time');
    for (const name of ['O', 'H', 'L', 'C', 'V']) {
      const pair = append(this.#line, 'span', 'tm-legend-pair');
      append(pair, 'i', '').textContent = name;
      this.#values.set(name, append(pair, 'span', ''));
    }
  }

  setTitle(title: string, detail: string): void {
    this.#title.textContent = title;
    this.#detail.textContent = detail;
  }

  show(subject: LegendSubject): void {
    this.#root.dataset.kind = subject.kind;
    if (subject.kind === 'nothing') return;
    if (subject.kind === 'missing') {
      this.#time.textContent = `${formatTime(subject.at)} UTC · ${subject.words}`;
      return;
    }
    const { columns, row, decimals } = subject;
    const price = (value: number | undefined) => formatPrice(value ?? Number.NaN, decimals);
    this.#time.textContent = `${formatTime(columns.openTime[row]!)} UTC`;
    this.#set('O', price(columns.open[row]));
    this.#set('H', price(columns.high[row]));
    this.#set('L', price(columns.low[row]));
    this.#set('C', price(columns.close[row]));
    this.#set('V', formatVolume(columns.volume[row]!));
    this.#root.dataset.direction = columns.close[row]! >= columns.open[row]! ? 'up' : 'down';
  }

  remove(): void {
    this.#root.remove();
  }

  #set(name: string, text: string): void {
    const element = this.#values.get(name);
    if (element) element.textContent = text;
  }
}

function append(parent: HTMLElement, tag: string, className: string): HTMLElement {
  const element = document.createElement(tag);
  if (className) element.className = className;
  parent.append(element);
  return element;
}
