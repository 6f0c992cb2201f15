declare module 'virtual:declarations' {
  /** The files of the library's entries, by the names that are imported. */
  export const entries: Readonly<Record<string, string>>;
  /** All files. */
  export const texts: Readonly<Record<string, string>>;
}
