/** A class of the library's: constructors, members, static members and the class that it extends. */
export interface LibraryClass {
  readonly n: readonly string[];
  readonly m: Readonly<Record<string, string | readonly string[]>>;
  readonly s?: Readonly<Record<string, string | readonly string[]>>;
  readonly e?: string;
}

/** What the library has under a path: functions, a class, another name for one, a value or a module. */
export interface LibraryEntry {
  readonly f?: readonly string[];
  readonly c?: LibraryClass;
  readonly a?: string;
  readonly v?: string;
  readonly m?: 1;
}

/** All that the library publishes, by path. The build writes it here, from the declarations (scripts/convert-library.mjs). */
export const library: Readonly<Record<string, LibraryEntry>> = {};
