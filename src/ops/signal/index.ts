/** Every row of `torch.signal.windows`. */
import '../index.js';
import './windows.js';
