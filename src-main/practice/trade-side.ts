/** Prices and quantities of trades in the order in which they were found. */
export interface Fills {
  price: number[];
  quantity: number[];
}

/** What the trades of one side of a minute have to add up to. */
export interface SideGoal {
  /** Units; at least as many as there are trades. */
  volume: number;
  /** Sum of price times quantity, or of `inverse` times quantity over price. */
  value: number;
  /** Prices that must occur. */
  points: readonly number[];
  /** Further trades, anywhere between `low` and `high`. */
  bodies: number;
  low: number;
  high: number;
  /** 0 where value is price times quantity (all but COIN-M). */
  inverse: number;
}

/** The points have together no more than this share of the volume. */
const POINTS_SHARE = 0.02;
/** What is spread freely; the rest goes to two neighbouring prices that make the value come out. */
const FREE_SHARE = 0.6;

/**
 * Trades of one side that add up to its volume exactly, and to its value exactly when there are two bodies and a price range to
 * place them in; else as near as those prices and whole units allow. Points come first, in their order.
 */
export function fillSide(goal: SideGoal, random: () => number, into: Fills): void {
  if (goal.bodies < 2) fillFew(goal, into);
  else fillExactly(goal, random, into);
}

function fillExactly(goal: SideGoal, random: () => number, into: Fills): void {
  const { low, high, inverse } = goal;
  let left = goal.volume;
  let value = goal.value;
  let count = goal.points.length + goal.bodies;
  const take = (price: number, wanted: number) => {
    count--;
    const quantity = Math.max(1, Math.min(wanted, left - count));
    into.price.push(price);
    into.quantity.push(quantity);
    left -= quantity;
    value -= inverse > 0 ? (inverse * quantity) / price : price * quantity;
  };
  for (const price of goal.points)
    take(price, 1 + Math.floor((random() * POINTS_SHARE * goal.volume) / goal.points.length));
  let free = Math.floor(left * FREE_SHARE);
  for (let extras = goal.bodies - 2; extras > 0; extras--) {
    const mean = inverse > 0 ? (inverse * left) / value : value / left;
    const room = Math.max(0, Math.min(high - mean, mean - low)) / 2;
    const price = Math.min(high, Math.max(low, Math.round(mean + (2 * random() - 1) * room)));
    // No more than leaves the mean of the rest inside the range.
    const bearable = price < mean ? (high - mean) / (high - price) : price > mean ? (mean - low) / (price - low) : 1;
    const wanted = Math.floor(Math.min((free * 2 * random()) / extras, 0.9 * bearable * left, free));
    const before = left;
    take(price, wanted);
    free = Math.max(0, free - (before - left));
  }
  closeExactly(left, value, low, high, inverse, into);
}

/** The last two trades, at one price or at two neighbouring ones. */
function closeExactly(left: number, value: number, low: number, high: number, inverse: number, into: Fills): void {
  let price: number;
  let above: number;
  if (inverse > 0) {
    price = Math.floor((inverse * left) / value);
    const step = inverse / price - inverse / (price + 1);
    above = Math.min(left, Math.max(0, Math.round(((inverse * left) / price - value) / step)));
  } else {
    price = Math.floor(value / left);
    above = value - price * left;
    if (above < 0) {
      price--;
      above += left;
    }
  }
  if (above >= left) {
    price++;
    above -= left;
  }
  if (price < low || price >= high) {
    price = Math.min(high, Math.max(low, price));
    above = 0;
  }
  const half = Math.floor(left / 2);
  into.price.push(price, above > 0 ? price + 1 : price);
  into.quantity.push(above > 0 ? left - above : left - half, above > 0 ? above : half);
}

function fillFew(goal: SideGoal, into: Fills): void {
  const { volume, value, low, high, inverse } = goal;
  const prices = [...goal.points];
  if (goal.bodies > 0) {
    const mean = inverse > 0 ? (inverse * volume) / value : value / volume;
    prices.push(Math.min(high, Math.max(low, Math.round(mean))));
  }
  const each = Math.floor(volume / prices.length);
  const quantities = prices.map((_, i) => (i > 0 ? each : volume - each * (prices.length - 1)));
  if (inverse === 0) {
    const pairs = prices.flatMap((lower, i) =>
      prices.flatMap((upper, j) => (upper > lower ? [{ i, j, gap: upper - lower }] : [])),
    );
    pairs.sort((a, b) => b.gap - a.gap);
    let missing = value - prices.reduce((sum, price, i) => sum + price * quantities[i]!, 0);
    for (const { i, j, gap } of pairs) {
      const moved = Math.min(quantities[i]! - 1, Math.max(1 - quantities[j]!, Math.round(missing / gap)));
      quantities[i]! -= moved;
      quantities[j]! += moved;
      missing -= moved * gap;
    }
  }
  into.price.push(...prices);
  into.quantity.push(...quantities);
}
