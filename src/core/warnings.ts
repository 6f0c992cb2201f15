/** Tells the user something that is no error but likely a mistake: PyTorch's `UserWarning`. */
export function warn(message: string): void {
  console.warn(`UserWarning: ${message}`);
}
