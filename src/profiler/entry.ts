/** Notes of a call while it is made. */
import type { Shape } from '../core/layout.js';

export type EventKind = 'cpu_op' | 'user_annotation';

/** A call that has begun. Marks count beginnings and ends: clocks may stand still between two of them. */
export interface Entry {
  readonly name: string;
  readonly kind: EventKind;
  readonly start: number;
  readonly opened: number;
  end: number;
  closed: number;
  shapes: readonly Shape[];
  /** Bytes of memory made by the call itself, on the CPU and on other devices. */
  bytes: number;
  deviceBytes: number;
  device: string | null;
  /** Operations of floating-point numbers, if they are counted. */
  flops: number;
}
