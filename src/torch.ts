/**
 * The `torch` namespace: nothing but re-exports. The entries, index.ts for Node and browser/index.ts, choose the host.
 * Modules that are alike stand together: a page's library is packed in this order.
 */
export * as accelerator from './accelerators/accelerator.js';
export * as cuda from './accelerators/cuda.js';
export * as mps from './accelerators/mps.js';
export * as xpu from './accelerators/xpu.js';
export {
  autocast,
  getAutocastDtype,
  isAutocastEnabled,
  setAutocastDtype,
  setAutocastEnabled,
} from './amp/autocast.js';
export * as amp from './amp/index.js';
export { isAnomalyCheckNanEnabled, isAnomalyEnabled } from './autograd/anomaly.js';
export * as autograd from './autograd/index.js';
export {
  enableGrad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  noGrad,
  setGradEnabled,
} from './autograd/modes.js';
export * as backends from './backends/index.js';
export { type MemoryStats, memoryStats, resetPeakMemoryStats } from './backends/memory.js';
export { getNumThreads, setNumThreads } from './backends/threads.js';
export * as webgpu from './backends/webgpu/index.js';
export { Complex } from './core/complex.js';
export { e, inf, nan, pi } from './core/constants.js';
export { deepcopy } from './core/deepcopy.js';
export { Device, type DeviceLike } from './core/device.js';
export * from './core/dtypes.js';
export type { TypedArray } from './core/elements.js';
export {
  AssertionError,
  AttributeError,
  IndexError,
  KeyError,
  LinAlgError,
  NotImplementedError,
  OutOfMemoryError,
  RuntimeError,
  TypeError,
  ValueError,
} from './core/errors.js';
export { Generator } from './core/generator.js';
export { type Shape, Size } from './core/layout.js';
export type { List, ReadonlyList } from './core/list.js';
export {
  channelsLast,
  channelsLast3d,
  contiguousFormat,
  Layout,
  MemoryFormat,
  preserveFormat,
  strided,
} from './core/memory_format.js';
export {
  canCast,
  device,
  finfo,
  getDefaultDevice,
  getDefaultDtype,
  iinfo,
  promoteTypes,
  pyfloat,
  scope,
  setDefaultDevice,
  setDefaultDtype,
} from './core/namespace.js';
export { getPrintoptions, type PrintOptions, setPrintoptions } from './core/printing.js';
export { PyFloat } from './core/pyfloat.js';
export type { Like, Named } from './core/results.js';
export type { Scalar } from './core/scalar.js';
export { type NestedList, Tensor } from './core/tensor.js';
export { FloatInfo, IntInfo } from './core/type_info.js';
export { isWarnAlwaysEnabled, setWarnAlways } from './core/warn_always.js';
export { asarray, frombuffer } from './ops/buffers.js';
export { allclose, allcloseAsync, equal, equalAsync } from './ops/equality.js';
export {
  asTensor,
  fromNumpy,
  type NumpyArray,
  type TensorData,
  tensor,
} from './ops/from_data.js';
export { type Index, Slice, slice } from './ops/getitem.js';
export { histogramdd } from './ops/histograms.js';
export {
  broadcastShapes,
  isComplex,
  isConj,
  isFloatingPoint,
  isInference,
  isNeg,
  isNonzero,
  isSameSize,
  isSigned,
  isTensor,
  numel,
  resultType,
} from './ops/questions.js';
export * as random from './ops/random_streams.js';
export { getRngState, initialSeed, manualSeed, seed, setRngState } from './ops/seed.js';

// Other modules' functions, and all rows: methods need them.

import './ops/index.js';

export { fft } from './generated/fft.js';
export { linalg } from './generated/linalg.js';
export { masked } from './generated/masked.js';
export { special } from './generated/special.js';
export * as signal from './signal/index.js';

// Modules that are built of them.

export * as distributions from './distributions/index.js';
export * as func from './func/index.js';
export { vmap } from './func/vmap.js';
export * as fx from './fx/index.js';
export * as hub from './hub/index.js';
export * as nn from './nn/index.js';
export * as optim from './optim/index.js';
export * as profiler from './profiler/index.js';
export * as sparse from './sparse/index.js';
export { sparseCooTensor, sparseCsrTensor } from './sparse/sparse_creation.js';
export { sparseCoo, sparseCsr } from './sparse/sparse_tensor.js';
export * as testing from './testing/index.js';
export {
  areDeterministicAlgorithmsEnabled,
  isDeterministicAlgorithmsWarnOnlyEnabled,
  useDeterministicAlgorithms,
} from './utils/deterministic.js';
export * as utils from './utils/index.js';

// Data and files.

export {
  load,
  type MapLocation,
  PicklingError,
  type Readable,
  save,
  UnpicklingError,
  type Writable,
} from './io/index.js';
export * as numpy from './io/numpy/index.js';
export * as safetensors from './io/safetensors/index.js';
export * as serialization from './io/serialization.js';

export type * as types from './types.js';

// Last, the functions: their names stand beside the list of all that is exported, and are packed as one with it.

export * from './generated/fft_functions.js';
export * from './generated/functions.js';
export * from './generated/linalg_functions.js';
export * from './generated/rnn_functions.js';
