/** Python's built-in functions and classes that conversions know. */
export const builtins: ReadonlySet<string> = new Set(
  `abs all any bool callable dict divmod enumerate filter float format frozenset getattr hasattr id input int isinstance iter len list map max min
  next object open pow print range repr reversed round set setattr slice sorted str sum super tuple type zip property staticmethod classmethod
  Exception ValueError RuntimeError TypeError KeyError IndexError NotImplementedError AssertionError AttributeError ZeroDivisionError StopIteration
  OverflowError ArithmeticError LookupError OSError IOError FileNotFoundError KeyboardInterrupt ImportError NotImplemented hash ord chr bin hex
  isinstance issubclass vars globals locals exec eval bytes bytearray complex`.split(/\s+/),
);

/** Exceptions that the library has under these names; others are JavaScript's `Error`. */
export const exceptions: ReadonlySet<string> = new Set(
  'ValueError RuntimeError TypeError KeyError IndexError NotImplementedError AssertionError AttributeError'.split(
    ' ',
  ),
);

export const isException = (name: string): boolean => /(Error|Exception|Iteration|Interrupt)$/.test(name);
