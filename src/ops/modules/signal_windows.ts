/** Every row of `torch.signal.windows`. */
import '../index.js';
import '../signal/windows.js';
