/** Methods of the rows that only pages with `torch.linalg` load. */
import { comesWith } from '../../dispatch/registry.js';

comesWith('linalg', ['choleskyInverse', 'choleskySolve', 'geqrf', 'matrixExp', 'orgqr']);
