/** Random numbers that depend on nothing but their seeds: xorshift128 (Marsaglia, 2003), seeded by FNV-1a. */
export class Random {
  /** @param {...(string | number)} seeds */
  constructor(...seeds) {
    let hash = 0x811c9dc5;
    this.state = Array.from({ length: 4 }, (_, i) => {
      for (const char of `${i}/${seeds.join('/')}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
      return hash | 1;
    });
  }

  next() {
    const { state } = this;
    const t = state[0] ^ (state[0] << 11);
    state[0] = state[1];
    state[1] = state[2];
    state[2] = state[3];
    state[3] ^= (state[3] >>> 19) ^ t ^ (t >>> 8);
    return state[3] >>> 0;
  }

  /** A whole number from 0 to n - 1. */
  below(n) {
    return this.next() % n;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** True once in n times. */
  oneIn(n) {
    return this.below(n) === 0;
  }
}
