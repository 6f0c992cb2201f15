import type { DType } from '../../core/dtype.js';
import { accepting, defineParameterType } from '../../core/signature/parameter_types.js';
import { type Arguments, signature } from '../../core/signature/signature.js';

const ofPolicy = signature(
  'MixedPrecisionPolicy(ScalarType? param_dtype=None, ScalarType? reduce_dtype=None, ScalarType? output_dtype=None, bool cast_forward_inputs=True)',
);

/** In which precision a sharded module computes. Parameters and what optimizers keep stay as they are. */
export class MixedPrecisionPolicy {
  /** Of gathered parameters, and of what is computed with them. */
  readonly paramDtype: DType | null;
  /** Of gradients while they are reduced. */
  readonly reduceDtype: DType | null;
  /** Of the module's results. */
  readonly outputDtype: DType | null;
  /** Whether the module's arguments are cast as the parameters are. */
  readonly castForwardInputs: boolean;

  /**
   * @param paramDtype of gathered parameters, and of what is computed with them; default: their own
   * @param reduceDtype of gradients while they are reduced; default: that of the gathered parameters
   * @param outputDtype of the module's results; default: as they come
   * @param castForwardInputs whether floats among the module's arguments become `paramDtype`
   */
  constructor(...args: Arguments<typeof ofPolicy>) {
    const given = ofPolicy.bind(args);
    this.paramDtype = given.paramDtype;
    this.reduceDtype = given.reduceDtype;
    this.outputDtype = given.outputDtype;
    this.castForwardInputs = given.castForwardInputs;
  }
}

declare module '../../core/signature/argument_types.js' {
  interface ParameterTypes {
    MixedPrecisionPolicy: MixedPrecisionPolicy;
    OffloadPolicy: OffloadPolicy;
  }
}
defineParameterType(
  'MixedPrecisionPolicy',
  accepting((value) => value instanceof MixedPrecisionPolicy),
);

const ofNone = signature('OffloadPolicy()');

/** Where a sharded module's parameters lie between its calls: where they are. */
export class OffloadPolicy {
  constructor(...args: Arguments<typeof ofNone>) {
    if (new.target === OffloadPolicy) ofNone.bind(args);
  }
}

const ofOffload = signature('CPUOffloadPolicy(bool pin_memory=True)');

/** Keeps parameters, gradients and optimizers' state in the host's memory, where those of modules on the CPU are anyway. */
export class CPUOffloadPolicy extends OffloadPolicy {
  /** Of no use here: PyTorch's copies to GPUs are faster from such memory. */
  readonly pinMemory: boolean;

  /** @param pinMemory of no use here */
  constructor(...args: Arguments<typeof ofOffload>) {
    super();
    this.pinMemory = ofOffload.bind(args).pinMemory;
  }
}

defineParameterType(
  'OffloadPolicy',
  accepting((value) => value instanceof OffloadPolicy),
);
