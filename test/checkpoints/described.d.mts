export function described(value: unknown): unknown;
export function loaded(file: unknown, options: object): Promise<unknown>;
