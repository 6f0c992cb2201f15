/** How an op may be called besides the forms that its signature writes out. */

/**
 * Any mix of arguments by position and by name: some by position, the others in one trailing object.
 * `Names` are those that can be given by position, in their order, `All` the types of all by name.
 */
export type Mixes<Names extends readonly string[], All, Given extends readonly unknown[] = []> =
  | [...Given, args: All]
  | (Names extends readonly [infer N extends keyof All, ...infer R extends readonly string[]]
      ? Mixes<R, Omit<All, N>, [...Given, All[N]]>
      : never);

/** `Mixes` where NumPy's names stand for PyTorch's, too: `x.sum({ axis: 1, keepdims: true })`. */
export type NumpyMixes<Names extends readonly string[], All, Given extends readonly unknown[] = []> =
  | [...Given, args: Numpy<All>]
  | (Names extends readonly [infer N extends keyof All, ...infer R extends readonly string[]]
      ? NumpyMixes<R, Omit<All, N>, [...Given, All[N]]>
      : never);

type Numpy<All> = Omit<All, 'dim' | 'keepdim' | 'input' | 'other'> &
  Named<All, 'dim', 'axis'> &
  Named<All, 'keepdim', 'keepdims'> &
  Named<All, 'input', 'x' | 'a' | 'x1'> &
  Named<All, 'other', 'x2'>;

/** The argument of this name under its own or another one, if there is such an argument. */
type Named<All, Name extends string, Others extends string> = Name extends keyof All
  ? All extends Readonly<Record<Name, unknown>>
    ? OneOf<Name | Others, All[Name]>
    : Partial<OneOf<Name | Others, All[Name]>>
  : unknown;

type OneOf<Names extends string, T> = Names extends string ? { [N in Names]: T } : never;
