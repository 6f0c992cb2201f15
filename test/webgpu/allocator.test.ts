/** Refusals of the WebGPU device's memory; buffers are only counted here. */
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Allocator } from '../../src/backends/webgpu/allocator.js';
import { OutOfMemoryError } from '../../src/core/errors.js';

const MEBIBYTE = 2 ** 20;

it('a loop that keeps the event loop from turning is refused, and told what to await', async () => {
  let id = 0;
  const gpu = {
    limits: { bufferBytes: 2 ** 30 },
    check: () => {},
    createBlock: (capacity: number) => ({ id: id++, capacity, users: 1, spare: null, failure: null }),
  };
  const allocator = new Allocator(null as never, gpu as never);
  const held: unknown[] = [];
  const fill = (mebibytes: number) => {
    for (let i = 0; i < mebibytes / 64; i++) held.push(allocator.allocate(64 * MEBIBYTE));
  };
  fill(4096);
  expect(() => fill(64)).toThrow(OutOfMemoryError);
  expect(() => fill(64)).toThrow(/4096 MiB .* since the event loop last turned.*await loss\.itemAsync\(\)/);
  // Memory that is held is nobody's mistake.
  await setImmediate();
  await setImmediate();
  fill(1024);
  expect(held).toHaveLength(80);
});
