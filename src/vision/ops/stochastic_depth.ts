import { ValueError } from '../../core/errors.js';
import { formatFloat } from '../../core/repr.js';
import { signed } from '../../core/signature/signed.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';

/**
 * In training, zeros with probability `p` the whole input ('batch') or rows of it ('row'), and divides what is left by 1 - p: Stochastic
 * Depth (Huang et al., 2016) for the branches of residual networks.
 *
 * @param input a batch of rows
 * @param p the probability of zero
 * @param mode 'batch' or 'row'
 * @param training false: the input as it is
 */
export const stochasticDepth = signed(
  "stochastic_depth(Tensor input, float p, 'batch'|'row' mode, bool training=True)",
  ({ input, p, mode, training }): Tensor => {
    if (p < 0 || p > 1)
      throw new ValueError(`drop probability has to be between 0 and 1, but got ${formatFloat(p)}`);
    if (mode !== 'batch' && mode !== 'row')
      throw new ValueError(`mode has to be either 'batch' or 'row', but got ${String(mode)}`);
    if (!training || p === 0) return input;
    const survival = 1 - p;
    const size = input.shape.map((n, i) => (i === 0 && mode === 'row' ? n : 1));
    const noise = ops.empty(size, { dtype: input.dtype, device: input.device }).bernoulli_(survival);
    if (survival > 0) noise.div_(survival);
    return input.mul(noise);
  },
);
