import { TypeError } from '../../../core/errors.js';
import { isPlainObject } from '../../../core/plain.js';
import { typeName } from '../../../core/repr.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import { warn } from '../../../core/warnings.js';
import type { Module } from '../../../nn/module.js';
import { lineOf, type Mesh } from '../meshes.js';
import { ParallelStyle } from './parallel_style.js';

const ofParallelize = signature(
  'parallelize_module(Any module, Any device_mesh=None, Object? parallelize_plan=None, *, int? src_data_rank=0)',
);

/** How modules are computed: one style, or styles by modules' paths, in which `*` and `?` stand for any text and letter of a name. */
export type ParallelizePlan = ParallelStyle | Readonly<Record<string, ParallelStyle>>;

/**
 * Lets several processes compute a module together: each has a part of the layers that the plan names. All processes call it, and the module with the same input.
 *
 * @param module the module
 * @param deviceMesh the processes: a group, or a mesh of one dimension; default: all
 * @param parallelizePlan a style, or styles by the paths of modules: `{ 'blocks.*.up': new ColwiseParallel() }`
 * @param srcDataRank the rank whose parameters count; null: each process's own
 *
 * @example
 * const { ColwiseParallel, RowwiseParallel, parallelizeModule } = distributed.tensor.parallel;
 * parallelizeModule(mlp, null, { up: new ColwiseParallel(), down: new RowwiseParallel() });
 */
export function parallelizeModule<M extends Module>(
  ...args: Arguments<
    typeof ofParallelize,
    { module: M; deviceMesh: Mesh | null; parallelizePlan: ParallelizePlan | null }
  >
): M {
  const { module, deviceMesh, parallelizePlan: plan, srcDataRank } = ofParallelize.bind(args);
  const mesh = lineOf(deviceMesh);
  if (plan === null)
    warn(
      'No parallelizePlan is provided and auto-parallel is not supported at the moment, so this parallelizeModule call will do nothing.',
    );
  else if (plan instanceof ParallelStyle) plan.apply(module as Module, mesh, srcDataRank);
  else if (isPlainObject(plan)) {
    for (const [path, style] of Object.entries(plan)) {
      const found = matching(module as Module, path === '' ? [] : path.split('.'));
      if (found.length === 0)
        warn(
          `Parallelize plan key '${path}' could not be resolved: no submodule matching it, skipping this plan entry.`,
        );
      for (const one of found) (style as ParallelStyle).apply(one, mesh, srcDataRank);
    }
  } else
    throw new TypeError(
      `Expect Union[ParallelStyle, Dict[str, ParallelStyle]] for parallelizePlan, ${typeName(plan)} found!`,
    );
  return module as M;
}

/** The modules at the end of a path. */
function matching(module: Module, [token, ...rest]: readonly string[]): Module[] {
  if (token === undefined) return [module];
  const escaped = token
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const pattern = new RegExp(`^${escaped}$`);
  return module.namedChildren().flatMap(([name, child]) => (pattern.test(name) ? matching(child, rest) : []));
}
