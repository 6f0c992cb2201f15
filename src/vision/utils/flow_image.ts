import { noGrad } from '../../autograd/modes.js';
import { float32, int64, uint8 } from '../../core/dtype.js';
import { ValueError } from '../../core/errors.js';
import { signed } from '../../core/signature/signed.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { fromNumpy } from '../../ops/from_data.js';

/** Steps from each hue of the wheel to the next (Baker et al., "A Database and Evaluation Methodology for Optical Flow", 2007). */
const steps = [15, 6, 4, 11, 13, 6];
const count = steps.reduce((a, b) => a + b);

/** The wheel's colours: one channel is full, one falls or rises, one is empty. */
function colorWheel(): Float32Array {
  const wheel = new Float32Array(3 * count);
  const full = [0, 1, 1, 2, 2, 0];
  const changing = [1, 0, 2, 1, 0, 2];
  let at = 0;
  for (const [i, length] of steps.entries())
    for (let k = 0; k < length; k++, at++) {
      const part = Math.floor(Math.fround(255 * k) / length);
      wheel[3 * at + full[i]] = 255;
      wheel[3 * at + changing[i]] = i % 2 === 0 ? part : 255 - part;
    }
  return wheel;
}

function pictureOf(flow: Tensor): Tensor {
  const wheel = fromNumpy({ data: colorWheel(), shape: [count, 3] }).to(flow.device);
  const norm = flow.pow(2).sum(1).sqrt();
  const angle = ops.atan2(flow.select(1, 1).neg(), flow.select(1, 0).neg()).div(Math.PI);
  const place = angle
    .add(1)
    .div(2)
    .mul(count - 1);
  const before = place.floor().to(int64);
  const after = before.add(1);
  const next = after.maskedFill(after.eq(count), 0);
  const fraction = place.sub(before);
  const channels = [0, 1, 2].map((c) => {
    const hues = wheel.select(1, c);
    const color = (at: Tensor) => hues.take(at).div(255);
    const mixed = ops
      .rsub(fraction, 1)
      .mul(color(before))
      .add(fraction.mul(color(next)));
    return ops
      .rsub(norm.mul(ops.rsub(mixed, 1)), 1)
      .mul(255)
      .floor()
      .to(uint8);
  });
  return ops.stack(channels, 1);
}

/**
 * Optical flow as a picture: directions are hues, lengths their strength.
 *
 * @param flow [N, 2, H, W] or [2, H, W] of float32
 */
export const flowToImage = signed('flow_to_image(Tensor flow)', ({ flow }) =>
  noGrad(() => {
    if (flow.dtype !== float32)
      throw new ValueError(`Flow should be of dtype torch.float, got ${flow.dtype}.`);
    const all = flow.ndim === 3 ? flow.unsqueeze(0) : flow;
    if (all.ndim !== 4 || all.shape[1] !== 2)
      throw new ValueError(
        `Input flow should have shape (2, H, W) or (N, 2, H, W), got torch.Size([${flow.shape.join(', ')}]).`,
      );
    const greatest = all.pow(2).sum(1).sqrt().max();
    const picture = pictureOf(all.div(greatest.add(2 ** -23)));
    return flow.ndim === 3 ? picture.select(0, 0) : picture;
  }),
);
