/**
 * Bytes in memory that is not shared, as `new Blob([bytes])` wants them: `Uint8Array<ArrayBuffer>`. Compilers before TypeScript
 * 5.7 have no such type, so it is taken from a function of the platform's.
 */
export type Bytes = ReturnType<typeof Uint8Array.of>;

/** Takes the bytes of a file in order. */
export type Sink = (bytes: Uint8Array) => void | Promise<void>;
