/** Every row of `torch.special`. */
import '../index.js';
import './polynomials.js';
import './bessel_functions.js';
import './airy.js';
import './normal_tails.js';
