/** Finds the adapter for these tests, and compares what it computes with the CPU. */
import { expect } from 'vitest';
import type { WebGpuBackend } from '../../src/backends/webgpu/backend.js';
import type { Gpu } from '../../src/backends/webgpu/gpu.js';
import * as torch from '../../src/index.js';

let found: boolean;
try {
  // FLAMBEAU_WEBGPU_LIMITS=default: as on the least of adapters.
  await torch.webgpu.init({
    limits: process.env.FLAMBEAU_WEBGPU_LIMITS === 'default' ? 'default' : 'adapter',
  });
  found = true;
} catch (error) {
  // Where an adapter has been promised, its absence is a failure; elsewhere these tests do not run.
  if (process.env.FLAMBEAU_REQUIRE_WEBGPU) throw error;
  console.warn(`The WebGPU tests do not run: ${(error as Error).message}`);
  found = false;
}

export const hasAdapter = found;

export const onGpu = { device: 'webgpu' } as const;

export const gpu = (): Gpu => (torch.ones(1, onGpu).storage.backend as WebGpuBackend).gpu;

/** Values that differ, among them negative ones. */
export const counted = (...shape: number[]): torch.Tensor =>
  torch
    .arange(shape.reduce((a, b) => a * b, 1))
    .mul(37)
    .remainder(101)
    .sub(50)
    .div(32)
    .reshape(shape);

export interface Tolerance {
  readonly rtol?: number;
  readonly atol?: number;
}

/** Expects the same shape, dtype and values. */
export async function expectSame(
  actual: torch.Tensor,
  expected: torch.Tensor,
  { rtol = 2e-6, atol = 2e-6 }: Tolerance = {},
): Promise<void> {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.dtype).toBe(expected.dtype);
  const [a, e] = [await actual.detach().toArrayAsync(), await expected.detach().toArrayAsync()];
  for (let i = 0; i < e.length; i++) {
    const [x, y] = [a[i]!, e[i]!];
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    const close =
      typeof x === 'number' && typeof y === 'number' && Math.abs(x - y) <= atol + rtol * Math.abs(y);
    if (!close) expect.fail(`element ${i} is ${x} instead of ${y}`);
  }
}

export type Body = (...inputs: torch.Tensor[]) => torch.Tensor;

/** Runs a function on both devices, and its gradient where inputs are floats. */
export async function expectAgreement(
  body: Body,
  inputs: readonly torch.Tensor[],
  tolerance: Tolerance = {},
): Promise<void> {
  const run = (device: string) => {
    const leaves = inputs.map((t) => {
      const there = t.detach().to(device);
      return t.dtype.isFloatingPoint ? there.requiresGrad_() : there;
    });
    const result = body(...leaves);
    const wanted = leaves.filter((t) => t.requiresGrad);
    if (!result.requiresGrad || wanted.length === 0) return [result];
    // Weights that differ from place to place, so that no element's gradient goes unnoticed.
    const weights = torch.arange(result.numel()).remainder(7).sub(3).div(4).reshape(result.shape);
    const gradients = torch.autograd.grad([result], wanted, [weights.to(result.dtype).to(device)], {
      allowUnused: true,
    });
    return [result, ...gradients.filter((g) => g !== null)];
  };
  const [there, here] = [run('webgpu'), run('cpu')];
  expect(there.length).toBe(here.length);
  for (const [i, t] of there.entries()) {
    expect(t.device.type).toBe('webgpu');
    await expectSame(t, here[i]!, tolerance);
  }
}
