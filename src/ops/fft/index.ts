/** Every row of `torch.fft`. */
import '../index.js';
import './one_dimension.js';
import './several_dimensions.js';
import './frequencies.js';
import './fft_shift.js';
import './short_time.js';
