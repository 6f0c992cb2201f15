/** Source in the place of what the command line gives the classifier's chapter. */
export const settings = `// Elsewhere the command line gives these. The device can be 'webgpu', too.
// The page adds print(), TrainingLog and place: images, downloads, pictures.
const settings = { seed: 0, epochs: 10, batchSize: 4, device: 'cpu', workers: 0, download: false };
if (settings.device === 'webgpu') await torch.webgpu.init();
`;
