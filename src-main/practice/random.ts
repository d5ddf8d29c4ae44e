/** Deterministic randomness with random access: a hash gives the seed of any (symbol, day), a small generator goes on. */

/** FNV-1a over the text, finished so that similar texts differ in all bits. */
export function hashText(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

export function hashPair(a: number, b: number): number {
  return mix(Math.imul(a, 0x9e3779b1) ^ (b + 0x7f4a7c15));
}

function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Mulberry32: numbers in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A number in [-1, 1) for a seed and an index, without a generator. */
export function signedNoise(seed: number, index: number): number {
  return hashPair(seed, index) / 2147483648 - 1;
}
