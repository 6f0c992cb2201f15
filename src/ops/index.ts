/**
 * The rows of `torch` and of tensors' methods, in the order in which overloads are tried. Rows that only another module's functions need
 * are imported by the `index.ts` of that module's folder, so that a page without it does not load them.
 */
import '../backends/meta/index.js';
import './copying.js';
import './creation.js';
import './views.js';
import './slices.js';
import './splits.js';
import './window_functions.js';
import './complex_views.js';
import './pointwise/index.js';
import './reductions.js';
import './joining.js';
import './linalg/products.js';
import './linalg/einsum.js';
import './random.js';
import './getitem.js';
import './nn/top_level.js';
import './methods.js';
import './python_methods.js';
import { sealNames } from './values.js';
import './indexing.js';
import './masks.js';
import './scatter.js';
import './segments.js';
import './sorting.js';
import './unique.js';
import './searching.js';
import './scans.js';
import './triangular.js';
import './quantiles.js';
import './counting.js';
import './coordinates.js';
import './linalg/norms.js';
import './linalg/row_distances.js';
import './linalg/left_out.js';
import './fft/methods_left_out.js';
import './incomplete_gamma.js';
import './floating_point.js';
import './hashing.js';
import './histograms.js';
import './finite_differences.js';

sealNames();
