// Runs the examples when the reference is written, for what is not written down: shapes that calls take and give, and what patterns print.
import { exampleRunner } from './record.mjs';

/**
 * Runs examples and tells, for each, what it prints, and for a name the shapes of its first call.
 * @returns {Promise<Map<string, { output: string, shapes: Map<string, string> }>>} by the examples' code
 */
export async function runExamples(examples, rows) {
  const run = await exampleRunner();
  const torch = await import('../../dist/index.js');
  const { withMode } = await import('../../dist/dispatch/mode.js');
  const found = new Map();
  for (const { code, names } of examples) {
    if (found.has(code)) continue;
    const shapes = new Map();
    const wanted = new Map(names.map((name) => [rows.functions.get(name)?.op, name]));
    const mode = {
      remembers: false,
      watches: true,
      call(op, args, next) {
        const result = next(op, args);
        const name = wanted.get(op.schema.name);
        if (name !== undefined && !shapes.has(name)) shapes.set(name, arrow(args, result, torch));
        return result;
      },
    };
    const hook = torch.nn.modules.module.registerModuleForwardHook((module, inputs, output) => {
      const name = names.find((one) => one === `torch.nn.${module.constructor.name}`);
      if (name !== undefined && !shapes.has(name)) shapes.set(name, arrow(inputs, output, torch));
    });
    try {
      // What enters a level for good cannot do so within a mode.
      found.set(code, {
        output: await quiet(() =>
          code.includes('enterDualLevel') ? run(code) : withMode(mode, () => run(code)),
        ),
        shapes,
      });
    } catch (error) {
      throw new Error(`The example of ${names.join(', ')} fails: ${error.message}`, { cause: error });
    } finally {
      hook.remove();
    }
  }
  return found;
}

/** `(2, 3), (3, 4) → (2, 4)`; null where nothing is a tensor with dimensions. */
function arrow(args, result, torch) {
  const list = (value) =>
    value instanceof torch.Tensor
      ? [`(${[...value.shape].join(', ')}${value.dim() === 1 ? ',' : ''})`]
      : Array.isArray(value)
        ? value.flatMap(list)
        : value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
          ? Object.values(value).flatMap(list)
          : [];
  const inputs = list(args);
  const outputs = list(result);
  return inputs.length === 0 || outputs.length === 0 || outputs.length > 6
    ? null
    : `${inputs.join(', ')} → ${outputs.join(', ')}`;
}

/** Runs something and keeps its warnings out of the build's log. */
async function quiet(body) {
  const { warn } = console;
  console.warn = () => {};
  try {
    return await body();
  } finally {
    console.warn = warn;
  }
}
