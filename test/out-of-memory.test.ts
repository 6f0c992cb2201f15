import { describe, expect, it } from 'vitest';

// Nothing leaves WebAssembly's memory here: with what can lie outside it would take twice as much to fill it.
process.env.FLAMBEAU_WASM_WINDOW = 'Infinity';
const torch = await import('flambeau');
type Tensor = import('flambeau').Tensor;

const MEBIBYTE = 2 ** 20;
const bytes = (n: number) => torch.empty([n], { dtype: torch.uint8 });

/** Fills the memory with blocks of 64 MiB. They are not written to, so that they cost addresses only. */
function fill(): { held: Tensor[]; error: unknown } {
  const held: Tensor[] = [];
  for (;;) {
    try {
      held.push(bytes(64 * MEBIBYTE));
    } catch (error) {
      return { held, error };
    }
  }
}

describe.runIf(torch.backends.cpu.engine() === 'wasm')('WebAssembly out of memory', () => {
  it('says what holds it and names torch.scope; after a scope has ended there is room again', () => {
    for (let round = 0; round < 3; round++)
      torch.scope(() => {
        const { held, error } = fill();
        expect(held.length).toBeGreaterThan(48);
        expect(error).toBeInstanceOf(torch.OutOfMemoryError);
        const { message } = error as Error;
        expect(message).toContain(
          "DefaultCPUAllocator: can't allocate memory: you tried to allocate 67108864 bytes",
        );
        expect(message).toMatch(/Of [34]\d{3}\.\d MiB, [34]\d{3}\.\d MiB are held by \d+ storages/);
        expect(message).toContain('(the largest: 64.0 MiB, 64.0 MiB, 64.0 MiB)');
        expect(message).toContain('torch.scope');
        expect(message).toContain('torch.memoryStats()');
        expect(held.every((t) => !t.isDisposed)).toBe(true);
      });
  });

  it('gives up the pool before it fails', () => {
    torch.scope(() => {
      const { held } = fill();
      for (const t of held.slice(10, 12)) t.dispose();
      expect(torch.memoryStats().pooledBytes).toBeGreaterThanOrEqual(2 * 64 * MEBIBYTE);
      // As large as the two together: neither will do by itself.
      expect(bytes(127 * MEBIBYTE).isDisposed).toBe(false);
      expect(torch.memoryStats().pooledBytes).toBe(0);
    });
  });

  it('in an op leaves its operands as they were', () => {
    const x = torch.ones(1000);
    torch.scope(() => {
      fill();
      expect(() => x.view(1, 1000).expand(40_000, 1000).contiguous()).toThrow(torch.OutOfMemoryError);
      expect(x.add(1).sum().item()).toBe(2000);
    });
    expect(x.sum().item()).toBe(1000);
  });

  it('of one tensor too large for any memory is the same error', () => {
    expect(() => bytes(2 ** 33)).toThrow('you tried to allocate 8589934592 bytes');
  });
});

describe('out of memory', () => {
  it('is an OutOfMemoryError on every engine', () => {
    expect(() => bytes(2 ** 52)).toThrow(torch.OutOfMemoryError);
    expect(() => bytes(2 ** 52)).toThrow('torch.scope');
  });
});
