/** Every row, in the order in which overloads are tried. */
import './copying.js';
import './creation.js';
import './views.js';
import './pointwise/index.js';
import './reductions.js';
import './joining.js';
import './matmul.js';
import './einsum.js';
import './random.js';
import './getitem.js';
import './methods.js';
