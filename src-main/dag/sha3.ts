/**
 * SHA3-256 in hex. Node's own is missing where Node is built on BoringSSL, as in Electron; this is for the rare second id of
 * a taken node id, so clarity goes before speed.
 */
export function sha3Hex(text: string): string {
  const message = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.floor(message.length / RATE_BYTES + 1) * RATE_BYTES);
  padded.set(message);
  padded[message.length]! ^= 0x06;
  padded[padded.length - 1]! ^= 0x80;

  const state = new BigUint64Array(25);
  const words = new DataView(padded.buffer);
  for (let block = 0; block < padded.length; block += RATE_BYTES) {
    for (let i = 0; i < RATE_BYTES / 8; i++) state[i]! ^= words.getBigUint64(block + i * 8, true);
    permute(state);
  }
  return Buffer.from(state.buffer, 0, 32).toString('hex');
}

const RATE_BYTES = 136;
const LANE = (1n << 64n) - 1n;

function rotate(lane: bigint, bits: number): bigint {
  return bits === 0 ? lane : ((lane << BigInt(bits)) | (lane >> BigInt(64 - bits))) & LANE;
}

/** Keccak-f[1600]; lane (x, y) is `state[x + 5 * y]`. */
function permute(state: BigUint64Array): void {
  let register = 1;
  for (let round = 0; round < 24; round++) {
    const parity = [0, 1, 2, 3, 4].map(
      (x) => state[x]! ^ state[x + 5]! ^ state[x + 10]! ^ state[x + 15]! ^ state[x + 20]!,
    );
    for (let x = 0; x < 5; x++) {
      const mix = parity[(x + 4) % 5]! ^ rotate(parity[(x + 1) % 5]!, 1);
      for (let y = 0; y < 5; y++) state[x + 5 * y]! ^= mix;
    }

    let [x, y] = [1, 0];
    let carried = state[1]!;
    for (let t = 0; t < 24; t++) {
      [x, y] = [y, (2 * x + 3 * y) % 5];
      const next = state[x + 5 * y]!;
      state[x + 5 * y] = rotate(carried, (((t + 1) * (t + 2)) / 2) % 64);
      carried = next;
    }

    for (let row = 0; row < 25; row += 5) {
      const lanes = state.slice(row, row + 5);
      for (let i = 0; i < 5; i++) state[row + i] = lanes[i]! ^ (~lanes[(i + 1) % 5]! & LANE & lanes[(i + 2) % 5]!);
    }

    // The round constants are bits of a linear feedback shift register at positions 2^j - 1.
    for (let j = 0; j < 7; j++) {
      if (register & 1) state[0]! ^= 1n << BigInt(2 ** j - 1);
      register = (register << 1) ^ (register & 0x80 ? 0x171 : 0);
    }
  }
}
