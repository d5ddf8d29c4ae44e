import { FLOW_STAGES, type FlowStage } from './events';

interface Stage {
  underWay: number;
  /** When the first of those under way began, and how long there was any before. */
  since: number;
  busyMs: number;
}

/** How much is under way at each stage of a backfill, and for how long anything was. */
export class FlowBoard {
  readonly #stages = new Map<FlowStage, Stage>(
    FLOW_STAGES.map((stage) => [stage, { underWay: 0, since: 0, busyMs: 0 }]),
  );

  constructor(private readonly now: () => number = () => performance.now()) {}

  change(name: FlowStage, change: number): void {
    const stage = this.#stages.get(name)!;
    const before = stage.underWay;
    stage.underWay += change;
    if (before === 0 && stage.underWay > 0) stage.since = this.now();
    else if (before > 0 && stage.underWay === 0) stage.busyMs += this.now() - stage.since;
  }

  underWay(name: FlowStage): number {
    return this.#stages.get(name)!.underWay;
  }

  /** Seconds in which at least one piece of work was under way, until now. */
  busySeconds(name: FlowStage): number {
    const { underWay, since, busyMs } = this.#stages.get(name)!;
    return (busyMs + (underWay > 0 ? this.now() - since : 0)) / 1000;
  }
}
