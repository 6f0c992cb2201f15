/** Every row of `torch.linalg`. */
import '../index.js';
