/** Momenta that schedules move against the learning rate. */
import { ValueError } from '../../core/errors.js';
import type { AnyOptimizer } from './scheduler.js';

/** Whether the momentum is the first of `betas`. @throws ValueError if there is none to change */
export function usesBeta1({ defaults }: AnyOptimizer): boolean {
  if (!('momentum' in defaults || 'betas' in defaults))
    throw new ValueError('optimizer must support momentum or beta1 with `cycle_momentum` option enabled');
  return 'betas' in defaults;
}

export function setMomentum(group: object, momentum: number, useBeta1 = false): void {
  if (!useBeta1) Reflect.set(group, 'momentum', momentum);
  else {
    const [, beta2] = Reflect.get(group, 'betas') as readonly [number, number];
    Reflect.set(group, 'betas', [momentum, beta2]);
  }
}
