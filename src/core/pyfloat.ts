import { libraryClass } from './object.js';

/** A number that is Python's float even where its value is whole: `torch.pyfloat(2)` is `2.0`. */
export class PyFloat {
  constructor(readonly value: number) {}

  valueOf(): number {
    return this.value;
  }

  toJSON(): number {
    return this.value;
  }

  toString(): string {
    return Number.isInteger(this.value) ? `${this.value}.0` : String(this.value);
  }
}

libraryClass(PyFloat);

/** `torch.pyfloat` for bodies, unchecked. */
export function pyfloat(value: number): PyFloat {
  return new PyFloat(value);
}
