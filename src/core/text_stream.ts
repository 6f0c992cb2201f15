/** Where text goes: a terminal, a file, the console. */
export interface TextStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}
