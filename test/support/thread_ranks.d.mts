interface Settings {
  /** Whether the backend can block. */
  readonly blocks?: boolean;
  readonly given?: unknown;
}

interface Answer {
  readonly result?: unknown;
  readonly error?: string;
}

export function runRanks(size: number, program: URL, settings?: Settings): Promise<readonly Answer[]>;
