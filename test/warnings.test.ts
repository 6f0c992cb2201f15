import * as torch from 'flambeau';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const F = torch.nn.functional;

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  torch.setWarnAlways(false);
});

const warnings = () => vi.mocked(console.warn).mock.calls.length;

it('a warning is shown once, however often a loop gives it', () => {
  for (let i = 0; i < 3; i++) F.mseLoss(torch.ones(2, 1), torch.ones(2));
  expect(warnings()).toBe(1);
  F.mseLoss(torch.ones(3, 1), torch.ones(3));
  expect(warnings()).toBe(2);
});

it('setWarnAlways shows it each time', () => {
  expect(torch.isWarnAlwaysEnabled()).toBe(false);
  torch.setWarnAlways(true);
  expect(torch.isWarnAlwaysEnabled()).toBe(true);
  for (let i = 0; i < 3; i++) F.mseLoss(torch.ones(2, 1), torch.ones(2));
  expect(warnings()).toBe(3);
});
