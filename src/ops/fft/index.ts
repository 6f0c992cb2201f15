/** Every row of `torch.fft`. */
import '../index.js';
import './fft_shift.js';
