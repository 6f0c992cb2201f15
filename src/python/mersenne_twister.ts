const size = 624;

/** The generator behind Python's `random` and NumPy's `numpy.random` (Matsumoto and Nishimura, 1998). */
export class MersenneTwister {
  private readonly state = new Uint32Array(size);
  private at = size;

  /** Begins the stream of one word, as NumPy's `seed` does. */
  seed(value: number): void {
    const { state } = this;
    state[0] = value;
    for (let i = 1; i < size; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
    this.at = size;
  }

  /** Begins the stream of several words, as Python's `seed` does. */
  seedBy(key: readonly number[]): void {
    this.seed(19650218);
    const { state } = this;
    let i = 1;
    let j = 0;
    const next = (): void => {
      i++;
      if (i < size) return;
      state[0] = state[size - 1];
      i = 1;
    };
    for (let k = Math.max(size, key.length); k > 0; k--) {
      state[i] = (state[i] ^ Math.imul(state[i - 1] ^ (state[i - 1] >>> 30), 1664525)) + key[j] + j;
      next();
      j = (j + 1) % key.length;
    }
    for (let k = size - 1; k > 0; k--) {
      state[i] = (state[i] ^ Math.imul(state[i - 1] ^ (state[i - 1] >>> 30), 1566083941)) - i;
      next();
    }
    state[0] = 0x80000000;
  }

  private twist(): void {
    const { state } = this;
    for (let i = 0; i < size; i++) {
      const y = (state[i] & 0x80000000) | (state[(i + 1) % size] & 0x7fffffff);
      state[i] = state[(i + 397) % size] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.at = 0;
  }

  /** 32 bits. */
  word(): number {
    if (this.at >= size) this.twist();
    let y = this.state[this.at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  /** A number from 0 up to, but not including, 1. */
  double(): number {
    const a = this.word() >>> 5;
    const b = this.word() >>> 6;
    return (a * 67108864 + b) / 9007199254740992;
  }
}
