/** How values between pixels are found. */
import { TypeError } from '../../core/errors.js';
import { defineParameterType } from '../../core/signature/parameter_types.js';

/** torchvision's enum, whose members are its values here. Tensors have the first four, images all. */
export const InterpolationMode = {
  NEAREST: 'nearest',
  NEAREST_EXACT: 'nearest-exact',
  BILINEAR: 'bilinear',
  BICUBIC: 'bicubic',
  BOX: 'box',
  HAMMING: 'hamming',
  LANCZOS: 'lanczos',
} as const;

/** A value of the enum of that name. */
export type InterpolationMode = (typeof InterpolationMode)[keyof typeof InterpolationMode];

/** By PIL's numbers. */
const byNumber = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'] as const;

/** A mode, or PIL's number of it. */
export type InterpolationLike = InterpolationMode | 0 | 1 | 2 | 3 | 4 | 5;

declare module '../../core/signature/argument_types.js' {
  interface ParameterTypes {
    Interpolation: InterpolationLike;
  }
}

// Another value is refused in torchvision's words.
defineParameterType('Interpolation', { convert: (value) => value });

/** @throws TypeError if there is no such mode */
export function interpolationOf(value: InterpolationLike): InterpolationMode {
  const mode = typeof value === 'number' ? byNumber[value] : value;
  if (Object.values(InterpolationMode).includes(mode)) return mode;
  throw new TypeError(
    'Argument interpolation should be a InterpolationMode or a corresponding Pillow integer constant',
  );
}

/** The mode as Python's enum prints it. */
export function memberName(mode: InterpolationMode): string {
  return `InterpolationMode.${mode.toUpperCase().replace('-', '_')}`;
}
