/** `torch.stft` and `istft`: transforms of a signal's windows, and the signal of such transforms. */
import { Category } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { op, ops } from '../../dispatch/registry.js';
import { pad } from '../nn/pad.js';
import { complexToComplex, complexToReal, Normalization, realToComplex } from './transforms.js';

/** The type of a tensor in texts of errors. */
function typeName(tensor: Tensor): string {
  const type = tensor.type();
  return type.includes('Complex') ? `CPU${tensor.dtype.scalarName}Type` : type;
}

function flag(value: boolean | null): string {
  return value === null ? 'None' : value ? '1' : '0';
}

/** How PyTorch tells of the call in texts of errors: settings by name, in order. */
function described(
  name: string,
  self: Tensor,
  window: Tensor | null,
  settings: Readonly<Record<string, number | boolean | null>>,
): string {
  const parts = Object.entries(settings).map(([key, value]) =>
    key === 'window'
      ? `window=${window === null ? 'None' : `${typeName(window)}{[${window.shape.join(', ')}]}`}`
      : `${key}=${typeof value === 'number' ? value : flag(value)}`,
  );
  return `${name}(${typeName(self)}[${self.shape.join(', ')}], ${parts.join(', ')})`;
}

function checkDevices(name: string, self: Tensor, window: Tensor | null): void {
  if (window !== null && window.storage.backend !== self.storage.backend)
    throw new RuntimeError(
      `${name} input and window must be on the same device but got self on ${self.device} and window on ${window.device}`,
    );
}

/** A window in the middle of zeros. */
function centred(window: Tensor, length: number): Tensor {
  const missing = length - window.shape[0];
  const left = Math.floor(missing / 2);
  return missing === 0 ? window : ops.constantPadNd(window, [left, missing - left]);
}

op(
  "stft(Tensor self, int n_fft, int? hop_length=None, int? win_length=None, Tensor? window=None, bool center=True, str pad_mode='reflect', bool normalized=False, bool? onesided=None, bool? return_complex=None, bool? align_to_window=None) -> Tensor",
  {
    doc: 'The Fourier transforms of windows of a signal [L] or of several [B, L], `hop_length` (a quarter of `n_fft`) apart: [B, frequencies, windows]. Windows have `n_fft` points, of which `window` leaves the `win_length` in the middle. With `center` the signal is padded by half a window on both sides, in the manner of `pad_mode`. `onesided` leaves out what follows by conjugation; without `return_complex` the parts are a dimension more.',
    composite(
      self,
      nFft,
      hopLength,
      winLength,
      window,
      center,
      padMode,
      normalized,
      onesided,
      returnComplex,
      alignToWindow,
    ) {
      if (center && alignToWindow !== null)
        throw new RuntimeError('stft align_to_window should only be set when center = false');
      let signal = self;
      if (center) {
        const extended = self.view([...Array<number>(Math.max(0, 3 - self.ndim)).fill(1), ...self.shape]);
        const half = Math.floor(nFft / 2);
        const padded = pad(extended, [half, half], padMode as never, null);
        // Of a number without dimensions Python keeps all three.
        signal = padded.view(self.ndim === 0 ? padded.shape : padded.shape.slice(-self.ndim));
      }
      checkDevices('stft', signal, window);
      const hop = hopLength ?? nFft >> 2;
      const width = winLength ?? nFft;
      const complex = returnComplex ?? (signal.isComplex() || window?.isComplex() === true);
      if (!complex && returnComplex === null)
        throw new RuntimeError(
          'stft requires the return_complex parameter be given for real inputs, and will further require that return_complex=True in a future PyTorch release.',
        );
      const refuse = (reason: string): never => {
        const text = described('stft', signal, window, {
          n_fft: nFft,
          hop_length: hop,
          win_length: width,
          window: null,
          normalized,
          onesided,
          return_complex: returnComplex,
          align_to_window: alignToWindow,
        });
        throw new RuntimeError(`${text} : ${reason}`);
      };
      if (signal.dtype.category < Category.float)
        refuse('expected a tensor of floating point or complex values');
      if (signal.ndim < 1 || signal.ndim > 2) refuse('expected a 1D or 2D tensor');
      let input = signal.ndim === 1 ? signal.unsqueeze(0) : signal;
      const length = input.shape[1];
      if (nFft <= 0 || nFft > length) refuse(`expected 0 < n_fft < ${length}, but got n_fft=${nFft}`);
      if (hop <= 0) refuse(`expected hop_length > 0, but got hop_length=${hop}`);
      if (width <= 0 || width > nFft) refuse(`expected 0 < win_length <= n_fft, but got win_length=${width}`);
      if (window !== null && (window.ndim !== 1 || window.shape[0] !== width))
        refuse(
          `expected a 1D window tensor of size equal to win_length=${width}, but got window with size [${window.shape.join(', ')}]`,
        );
      const ones = (): Tensor => ops.ones([width], { dtype: signal.dtype, device: signal.device });
      const full = width < nFft ? centred(window ?? ones(), nFft) : window;
      if (alignToWindow === true) {
        const left = Math.floor((nFft - width) / 2);
        input = ops.constantPadNd(input, [left, nFft - width - left]);
      }
      input = input.unfold(1, nFft, hop);
      if (full !== null) input = input.mul(full);
      const isComplex = input.isComplex();
      const isHalf = onesided ?? !isComplex;
      const normalization = normalized ? Normalization.byRoot : Normalization.none;
      if (isComplex && isHalf)
        throw new RuntimeError('Cannot have onesided output if window or input is complex');
      if (input.dtype.itemsize < 4)
        throw new RuntimeError(`MKL FFT doesn't support tensors of type: ${input.dtype.scalarName}`);
      const result = (
        isComplex
          ? complexToComplex(input, [2], normalization, true)
          : realToComplex(input, [2], normalization, isHalf)
      ).transpose(1, 2);
      const found = signal.ndim === 1 ? result.squeeze(0) : result;
      return complex ? found : ops.viewAsReal(found);
    },
  },
);

op(
  'istft(Tensor self, int n_fft, int? hop_length=None, int? win_length=None, Tensor? window=None, bool center=True, bool normalized=False, bool? onesided=None, int? length=None, bool return_complex=False) -> Tensor',
  {
    doc: 'The signal [L] or signals [B, L] whose windows have these transforms: the inverse of `stft` with the same settings. `length` cuts or pads it.',
    composite(self, nFft, hopLength, winLength, window, center, normalized, onesided, length, returnComplex) {
      checkDevices('istft', self, window);
      const hop = hopLength ?? nFft >> 2;
      const width = winLength ?? nFft;
      if (!self.isComplex())
        throw new RuntimeError(
          'istft requires a complex-valued input tensor matching the output from stft with return_complex=True.',
        );
      const refusal = (reason: string): RuntimeError => {
        const text = described('istft', self, window, {
          n_fft: nFft,
          hop_length: hop,
          win_length: width,
          window: null,
          center,
          normalized,
          onesided,
          length,
          return_complex: returnComplex,
        });
        return new RuntimeError(`${text}${reason}`);
      };
      const frames = self.size(-1);
      // The parts are a dimension to PyTorch.
      const size = ops.viewAsReal(self).size(-3);
      if (self.numel() === 0) throw refusal(' : input tensor cannot be empty.');
      if (self.ndim < 2 || self.ndim > 3)
        throw refusal(` : expected a tensor with 3 or 4 dimensions, but got ${self.ndim + 1}`);
      const half = onesided ?? size !== nFft;
      const expected = half ? Math.floor(nFft / 2) + 1 : nFft;
      if (size !== expected)
        throw refusal(
          ` : expected the frequency dimension (3rd to the last) of the input tensor to match ${half ? 'n_fft / 2 + 1 when onesided=True' : 'n_fft when onesided=False'}, but got ${size}`,
        );
      if (hop <= 0 || hop > width) throw refusal(' : expected 0 < hop_length <= win_length');
      if (width <= 0 || width > nFft) throw refusal(' : expected 0 < win_length <= n_fft');
      if (window !== null && (window.ndim !== 1 || window.shape[0] !== width))
        throw refusal(' : Invalid window shape. window has to be 1D and length of `win_length`');
      const real = self.dtype.toReal();
      const full = centred(window ?? ops.ones([width], { dtype: real, device: self.device }), nFft);

      const input = (self.ndim === 2 ? self.unsqueeze(0) : self).transpose(1, 2);
      const normalization = normalized ? Normalization.byRoot : Normalization.byNumber;
      let pieces: Tensor;
      if (returnComplex) {
        if (half) throw new RuntimeError('Cannot have onesided output if window or input is complex');
        pieces = complexToComplex(input, [2], normalization, false);
      } else {
        if (window?.isComplex())
          throw new RuntimeError('Complex windows are incompatible with return_complex=False');
        const first = half ? input : input.narrow(-1, 0, Math.floor(nFft / 2) + 1);
        pieces = complexToReal(first, [2], normalization, nFft);
      }
      const total = nFft + hop * (frames - 1);
      const weighted = pieces.mul(full);
      const sum = weighted._unfoldBackward([weighted.shape[0], total], 1, nFft, hop);
      const squares = full.pow(2).expand(1, frames, nFft);
      const envelope = squares._unfoldBackward([1, total], 1, nFft, hop);
      const start = center ? Math.floor(nFft / 2) : 0;
      const end = length !== null ? start + length : center ? -Math.floor(nFft / 2) : total;
      const cut = (t: Tensor): Tensor => t.slice(1, start, end);
      const weights = cut(envelope);
      const lowest = weights.abs().min().lt(1e-11);
      if (lowest.isReadable && lowest.item()) throw refusal(' window overlap add min: 1\n[ CPUBoolType{} ]');
      let signal = cut(sum).div(weights);
      if (self.ndim === 2) signal = signal.squeeze(0);
      if (end > total) {
        warn(
          'The length of signal is shorter than the length parameter. Result is being padded with zeros in the tail. Please check your center and hop_length settings.',
        );
        signal = ops.constantPadNd(signal, [0, end - total]);
      }
      return signal;
    },
  },
);
