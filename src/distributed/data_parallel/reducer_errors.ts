/** What is wrong with a reduction, in PyTorch's words and TypeScript's spelling. */
import { RuntimeError } from '../../core/errors.js';

/** How gradients are looked for. */
export interface Search {
  readonly findUnusedParameters: boolean;
  readonly staticGraph: boolean;
}

/** Some parameters got no gradient. */
export function unfinished(
  { findUnusedParameters, staticGraph }: Search,
  rank: number,
  missing: readonly (readonly [index: number, name: string])[],
): RuntimeError {
  const begin = 'Expected to have finished reduction in the prior iteration before starting a new one. ';
  const losses = 'making sure all `forward` function outputs participate in calculating loss. ';
  const structure =
    "\nIf you already have done the above, then the distributed data parallel module wasn't able to locate the output tensors in the return value of your module's `forward` function. Please include the loss function and the structure of the return value of `forward` of your module when reporting this issue (e.g. list, dict, iterable).";
  const unused =
    'This error indicates that your module has parameters that were not used in producing loss. ';
  let text: string;
  if (staticGraph)
    text = `${begin}This error indicates that your training graph has changed in this iteration, e.g., one parameter is used in first iteration, but then got unused in the second iteration. this is not compatible with staticGraph set to true.`;
  else if (!findUnusedParameters)
    text = `${begin}${unused}You can enable unused parameter detection by passing the keyword argument \`findUnusedParameters: true\` to \`DistributedDataParallel\`, and by \n${losses}${structure}`;
  else
    text = `${begin}${unused}Since \`findUnusedParameters: true\` is enabled, this likely  means that not all \`forward\` outputs participate in computing loss. You can fix this by ${losses}${structure}`;
  const names = missing.map(([, name]) => name).join(', ');
  const indices = missing.map(([index]) => index).join(' ');
  return new RuntimeError(
    `${text}\nParameters which did not receive grad for rank ${rank}: ${names}\nParameter indices which did not receive grad for rank ${rank}: ${indices}`,
  );
}

/** A gradient has changed after it was handed over. */
export function readyTwice(index: number, name: string): RuntimeError {
  return new RuntimeError(
    `Expected to mark a variable ready only once. This error is caused by one of the following reasons: 1) Use of a module parameter outside the \`forward\` function. Please make sure model parameters are not shared across multiple concurrent forward-backward passes. or try to use staticGraph: true as a workaround if this module graph does not change during training loop.2) Reused parameters in multiple reentrant backward passes. For example, if you use multiple \`checkpoint\` functions to wrap the same part of your model, it would result in the same set of parameters been used by different reentrant backward passes multiple times, and hence marking a variable ready multiple times. DDP does not support such use cases in default. You can try to use staticGraph: true as a workaround if your module graph does not change over iterations.\nParameter at index ${index} with name ${name} has been marked as ready twice. This means that multiple autograd engine hooks have fired for this particular parameter during this iteration.`,
  );
}

/** A gradient is asked for that is on its way. */
export const underway = (): RuntimeError =>
  new RuntimeError(
    'the gradients are still being reduced: `await ddp.finish()` between `loss.backward()` and `optimizer.step()`, since this backend or device cannot be waited for without the event loop',
  );
