/** Drivers that compute on the CPU: SwiftShader, Mesa's two, Windows' two. */
const software = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|\bwarp\b/i;

/** A GPU's name, and whether the CPU only plays it, as far as the browser tells. */
export function describe(adapter: GPUAdapter): { name: string; isSoftware: boolean } {
  const { vendor, architecture, device, description } = adapter.info;
  const name = description || [vendor, architecture].filter(Boolean).join(' ') || 'a GPU';
  // Browsers have told it in one place first and in another later.
  const told: { isFallbackAdapter?: boolean }[] = [adapter.info, adapter as object];
  const isSoftware =
    told.some(({ isFallbackAdapter }) => isFallbackAdapter) ||
    software.test([name, vendor, architecture, device].join(' '));
  return { name, isSoftware };
}
