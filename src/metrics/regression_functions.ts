/** Errors of one batch, and its R². */
import { signed } from '../core/signature/signed.js';
import { magnitudes, r2Of, r2Sums, squares, summedError } from './regression.js';

/** The mean of the squared errors, or its root. */
export const meanSquaredError = /* @__PURE__ */ signed(
  'mean_squared_error(Tensor preds, Tensor target, bool squared=True, int num_outputs=1)',
  ({ preds, target, squared, numOutputs }) => {
    const [sum, count] = summedError(preds, target, numOutputs, squares);
    return squared ? sum.div(count) : sum.div(count).sqrt();
  },
);

/** The mean of the errors' sizes. */
export const meanAbsoluteError = /* @__PURE__ */ signed(
  'mean_absolute_error(Tensor preds, Tensor target, int num_outputs=1)',
  ({ preds, target, numOutputs }) => {
    const [sum, count] = summedError(preds, target, numOutputs, magnitudes);
    return sum.div(count);
  },
);

/** R²: which part of the variance is told. */
export const r2Score = /* @__PURE__ */ signed(
  "r2_score(Tensor preds, Tensor target, int adjusted=0, str multioutput='uniform_average')",
  ({ preds, target, adjusted, multioutput }) =>
    r2Of(r2Sums(preds, target), target.shape[0], adjusted, multioutput),
);
