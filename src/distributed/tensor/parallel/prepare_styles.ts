/** Layouts of what goes into modules and comes out of them. */
import { AssertionError, ValueError } from '../../../core/errors.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import { Tensor } from '../../../core/tensor.js';
import type { Module } from '../../../nn/module.js';
import type { DeviceMesh } from '../../device_mesh.js';
import type { ProcessGroup } from '../../process_group.js';
import type { Placement } from '../placements.js';
import { replaceForward } from '../sharded_slot.js';
import { ParallelStyle } from './parallel_style.js';
import { relaid } from './placement_layouts.js';

/** A layout, or one for each tensor; null: as it comes. */
export type Layouts = Placement | readonly (Placement | null)[];

const listOf = (layouts: unknown): readonly (Placement | null)[] =>
  Array.isArray(layouts) ? layouts : [layouts as Placement | null];

function checked(
  from: unknown,
  to: unknown,
  names: string,
): [readonly (Placement | null)[], readonly (Placement | null)[]] {
  const lists: [readonly (Placement | null)[], readonly (Placement | null)[]] = [listOf(from), listOf(to)];
  if (lists[0].length !== lists[1].length) throw new AssertionError(`${names} should have same length!`);
  return lists;
}

function moved(
  values: readonly unknown[],
  from: readonly (Placement | null)[],
  to: readonly (Placement | null)[],
  group: ProcessGroup,
  what: string,
): unknown[] {
  if (values.length !== from.length) throw new ValueError(`module ${what} should have same length!`);
  return values.map((value, i) => {
    const [before, after] = [from[i], to[i]];
    return value instanceof Tensor && before !== null && after !== null
      ? relaid(value, before, after, group)
      : value;
  });
}

const ofInput = signature('PrepareModuleInput(*, Any input_layouts=None, Any desired_input_layouts=None)');

/** Gives a module its arguments in another layout. */
export class PrepareModuleInput extends ParallelStyle {
  readonly inputLayouts: readonly (Placement | null)[];
  readonly desiredInputLayouts: readonly (Placement | null)[];

  /**
   * @param inputLayouts how the arguments lie on the processes
   * @param desiredInputLayouts how the module wants them
   */
  constructor(...args: Arguments<typeof ofInput, { inputLayouts: Layouts; desiredInputLayouts: Layouts }>) {
    super();
    const given = ofInput.bind(args);
    const names = 'input_layouts and desired_input_layouts';
    [this.inputLayouts, this.desiredInputLayouts] = checked(
      given.inputLayouts,
      given.desiredInputLayouts,
      names,
    );
  }

  /** @internal */
  override apply(module: Module, mesh: DeviceMesh): void {
    const group = mesh.getGroup();
    replaceForward(module, (before, args) =>
      before.apply(
        module,
        moved(args, this.inputLayouts, this.desiredInputLayouts, group, 'inputs and input_layouts'),
      ),
    );
  }
}

const ofOutput = signature('PrepareModuleOutput(*, Any output_layouts, Any desired_output_layouts)');

/** Gives a module's results in another layout. */
export class PrepareModuleOutput extends ParallelStyle {
  readonly outputLayouts: readonly (Placement | null)[];
  readonly desiredOutputLayouts: readonly (Placement | null)[];

  /**
   * @param outputLayouts how the results lie on the processes
   * @param desiredOutputLayouts how they shall lie
   */
  constructor(
    ...args: Arguments<typeof ofOutput, { outputLayouts: Layouts; desiredOutputLayouts: Layouts }>
  ) {
    super();
    const given = ofOutput.bind(args);
    const names = 'output_layouts and desired_output_layouts';
    [this.outputLayouts, this.desiredOutputLayouts] = checked(
      given.outputLayouts,
      given.desiredOutputLayouts,
      names,
    );
  }

  /** @internal */
  override apply(module: Module, mesh: DeviceMesh): void {
    const group = mesh.getGroup();
    replaceForward(module, (before, args) => {
      const result = before.apply(module, args);
      const list = Array.isArray(result) ? result : [result];
      const all = moved(
        list,
        this.outputLayouts,
        this.desiredOutputLayouts,
        group,
        'outputs and output_layouts',
      );
      return Array.isArray(result) ? all : all[0];
    });
  }
}
