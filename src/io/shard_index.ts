/** Whether a file begins as the index of a checkpoint in several files does. */
export function isIndex(head: Uint8Array): boolean {
  const text = new TextDecoder().decode(head);
  return /^\s*\{/.test(text) && /"(weight_map|metadata|total_size)"/.test(text);
}
