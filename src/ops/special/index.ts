/** Every row of `torch.special`. */
import '../index.js';
import './polynomials.js';
