/** Median of the last `size` values, brought up to date every `every` values: outliers are far from it, so a little age does not matter. */
export class RollingMedian {
  readonly #values: Float64Array;
  readonly #sorted: Float64Array;
  #count = 0;
  #age = 0;
  #median = Number.NaN;

  constructor(
    private readonly size: number,
    private readonly every = 16,
  ) {
    this.#values = new Float64Array(size);
    this.#sorted = new Float64Array(size);
  }

  push(value: number): void {
    this.#values[this.#count % this.size] = value;
    this.#count++;
    this.#age++;
  }

  reset(): void {
    this.#count = 0;
    this.#age = 0;
    this.#median = Number.NaN;
  }

  /** NaN until the window is half full. */
  get value(): number {
    const filled = Math.min(this.#count, this.size);
    if (filled * 2 < this.size) return Number.NaN;
    if (this.#age >= this.every || Number.isNaN(this.#median)) {
      const part = this.#sorted.subarray(0, filled);
      part.set(this.#values.subarray(0, filled));
      part.sort();
      this.#median = part[filled >> 1]!;
      this.#age = 0;
    }
    return this.#median;
  }
}
