import { ValueError } from '../../core/errors.js';
import { formatTuple } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { checkTensor, type Tensor } from '../../core/tensor.js';
import { F } from '../functions.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import { settingText, take } from '../settings.js';

const padNd = <const Name extends string, const N extends number>(name: Name, n: N) =>
  signature(`${name}(int[${n}] padding)`);

/**
 * Padding of the last dimensions.
 *
 * @param padding the amounts in pairs, the last dimension's first; or one for all sides
 * @param value what is put there
 */
abstract class PadNd extends Module {
  padding: readonly number[];

  protected constructor(
    padding: readonly number[],
    private readonly mode: 'constant' | 'reflect' | 'replicate' | 'circular',
  ) {
    super();
    this.padding = padding;
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.pad(input, this.padding, this.mode);
  }

  override extraRepr(): string {
    return formatTuple(this.padding);
  }
}

abstract class CircularPadNd extends PadNd {
  protected constructor(padding: readonly number[]) {
    super(padding, 'circular');
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    checkTensor(input, 'forward', 'input');
    const dims = this.padding.length / 2 + 1;
    if (input.ndim !== dims && input.ndim !== dims + 1)
      throw new ValueError(`expected ${dims}D or ${dims + 1}D input (got ${input.ndim}D input)`);
    return super.forward(input);
  }
}

abstract class ConstantPadNd extends PadNd {
  declare value: number;

  protected constructor(settings: { readonly padding: readonly number[]; readonly value: number }) {
    super(settings.padding, 'constant');
    take(this, settings);
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.pad(input, this.padding, 'constant', this.value);
  }

  override extraRepr(): string {
    return `padding=${formatTuple(this.padding)}, value=${settingText(this, 'value')}`;
  }
}

abstract class ZeroPadNd extends ConstantPadNd {
  protected constructor({ padding }: { readonly padding: readonly number[] }) {
    super({ padding, value: 0 });
  }

  override extraRepr(): string {
    return formatTuple(this.padding);
  }
}

const zeroPad1d = padNd('ZeroPad1d', 2);

/** The input with zeros around the last dimension. */
export class ZeroPad1d extends ZeroPadNd {
  constructor(...args: Arguments<typeof zeroPad1d>) {
    super(zeroPad1d.bind(args));
  }
}

const zeroPad2d = padNd('ZeroPad2d', 4);

/** The input with zeros around the last two dimensions. */
export class ZeroPad2d extends ZeroPadNd {
  constructor(...args: Arguments<typeof zeroPad2d>) {
    super(zeroPad2d.bind(args));
  }
}

const zeroPad3d = padNd('ZeroPad3d', 6);

/** The input with zeros around the last three dimensions. */
export class ZeroPad3d extends ZeroPadNd {
  constructor(...args: Arguments<typeof zeroPad3d>) {
    super(zeroPad3d.bind(args));
  }
}

const constantPad1d = signature('ConstantPad1d(int[2] padding, float value)');

/** The input with `value` around the last dimension. */
export class ConstantPad1d extends ConstantPadNd {
  constructor(...args: Arguments<typeof constantPad1d>) {
    super(constantPad1d.bind(args));
  }
}

const constantPad2d = signature('ConstantPad2d(int[4] padding, float value)');

/** The input with `value` around the last two dimensions. */
export class ConstantPad2d extends ConstantPadNd {
  constructor(...args: Arguments<typeof constantPad2d>) {
    super(constantPad2d.bind(args));
  }
}

const constantPad3d = signature('ConstantPad3d(int[6] padding, float value)');

/** The input with `value` around the last three dimensions. */
export class ConstantPad3d extends ConstantPadNd {
  constructor(...args: Arguments<typeof constantPad3d>) {
    super(constantPad3d.bind(args));
  }
}

const reflectionPad1d = padNd('ReflectionPad1d', 2);

/** The input with its own mirror image around the last dimension; the rim itself is not repeated. */
export class ReflectionPad1d extends PadNd {
  constructor(...args: Arguments<typeof reflectionPad1d>) {
    super(reflectionPad1d.bind(args).padding, 'reflect');
  }
}

const reflectionPad2d = padNd('ReflectionPad2d', 4);

/** The input with its own mirror image around the last two dimensions; the rim itself is not repeated. */
export class ReflectionPad2d extends PadNd {
  constructor(...args: Arguments<typeof reflectionPad2d>) {
    super(reflectionPad2d.bind(args).padding, 'reflect');
  }
}

const reflectionPad3d = padNd('ReflectionPad3d', 6);

/** The input with its own mirror image around the last three dimensions; the rim itself is not repeated. */
export class ReflectionPad3d extends PadNd {
  constructor(...args: Arguments<typeof reflectionPad3d>) {
    super(reflectionPad3d.bind(args).padding, 'reflect');
  }
}

const replicationPad1d = padNd('ReplicationPad1d', 2);

/** The input with its rim repeated around the last dimension. */
export class ReplicationPad1d extends PadNd {
  constructor(...args: Arguments<typeof replicationPad1d>) {
    super(replicationPad1d.bind(args).padding, 'replicate');
  }
}

const replicationPad2d = padNd('ReplicationPad2d', 4);

/** The input with its rim repeated around the last two dimensions. */
export class ReplicationPad2d extends PadNd {
  constructor(...args: Arguments<typeof replicationPad2d>) {
    super(replicationPad2d.bind(args).padding, 'replicate');
  }
}

const replicationPad3d = padNd('ReplicationPad3d', 6);

/** The input with its rim repeated around the last three dimensions. */
export class ReplicationPad3d extends PadNd {
  constructor(...args: Arguments<typeof replicationPad3d>) {
    super(replicationPad3d.bind(args).padding, 'replicate');
  }
}

const circularPad1d = padNd('CircularPad1d', 2);

/** The input with what lies at its opposite side around the last dimension. */
export class CircularPad1d extends CircularPadNd {
  constructor(...args: Arguments<typeof circularPad1d>) {
    super(circularPad1d.bind(args).padding);
  }
}

const circularPad2d = padNd('CircularPad2d', 4);

/** The input with what lies at its opposite side around the last two dimensions. */
export class CircularPad2d extends CircularPadNd {
  constructor(...args: Arguments<typeof circularPad2d>) {
    super(circularPad2d.bind(args).padding);
  }
}

const circularPad3d = padNd('CircularPad3d', 6);

/** The input with what lies at its opposite side around the last three dimensions. */
export class CircularPad3d extends CircularPadNd {
  constructor(...args: Arguments<typeof circularPad3d>) {
    super(circularPad3d.bind(args).padding);
  }
}
