/** Questions of which each gives what is wrong, line by line. */
export interface Pages {
  problems(name: string): Promise<string[]>;
  runs(): Promise<string[]>;
  finds(name: string): Promise<string[]>;
  close(): Promise<void>;
}

export const kinds: readonly string[];
export function openPages(folder: string, base: string): Promise<Pages>;
