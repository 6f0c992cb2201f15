/**
 * Bytes in memory that is not shared, as `new Blob([bytes])` wants them: `Uint8Array<ArrayBuffer>`. Compilers before TypeScript
 * 5.7 have no such type, so it is taken from a function of the platform's.
 */
export type Bytes = ReturnType<typeof Uint8Array.of>;
