/** The exchange's clock: ahead of the machine's by a constant, and faster by a factor. */
export class ExchangeClock {
  private readonly origin: number;

  constructor(
    private readonly realNow: () => number,
    private readonly skewMs: number,
    readonly rate: number,
  ) {
    this.origin = realNow();
  }

  /** Exchange time, whole epoch ms. */
  now(): number {
    return Math.floor(this.origin + this.skewMs + (this.realNow() - this.origin) * this.rate);
  }
}
