/** Methods of the rows that only pages with `torch.fft` load. */
import { comesWith } from '../../dispatch/registry.js';

comesWith('fft', ['istft', 'stft']);
