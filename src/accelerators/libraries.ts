/** The parts of `torch.backends` that ask for libraries: none of PyTorch's is used here. */
import { libraryModule } from '../core/object.js';
import { signed } from '../core/signature/signed.js';

const no = signed('is_available()', (): boolean => false);
const notBuilt = signed('is_built()', (): boolean => false);

/** A library that is not here. */
interface AbsentLibrary {
  /** Whether it can be used: no. */
  isAvailable(): boolean;
}

/** `torch.backends.cuda`. */
export const cuda = Object.assign(libraryModule('torch.backends.cuda'), {
  /** Whether the library was built with CUDA: no. */
  isBuilt: notBuilt,
  matmul: { allowTf32: false },
});

/** `torch.backends.cudnn`. What is set here is kept, and changes nothing. */
export const cudnn = Object.assign(libraryModule('torch.backends.cudnn'), {
  /** Whether it can be used: no. */
  isAvailable: no,
  /** Its version: null, since it is not here. */
  version: signed('version()', (): number | null => null),
  enabled: true,
  benchmark: false,
  deterministic: false,
  allowTf32: true,
});

/** `torch.backends.mps`. */
export const mps = Object.assign(libraryModule('torch.backends.mps'), { isAvailable: no, isBuilt: notBuilt });

/** `torch.backends.mkl`. */
export const mkl: AbsentLibrary = Object.assign(libraryModule('torch.backends.mkl'), { isAvailable: no });

/** `torch.backends.mkldnn`. */
export const mkldnn: AbsentLibrary = Object.assign(libraryModule('torch.backends.mkldnn'), {
  isAvailable: no,
});

/** `torch.backends.openmp`. */
export const openmp: AbsentLibrary = Object.assign(libraryModule('torch.backends.openmp'), {
  isAvailable: no,
});
