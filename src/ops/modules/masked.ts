/** Every row of `torch.masked`. */
import '../index.js';
import '../masked.js';
