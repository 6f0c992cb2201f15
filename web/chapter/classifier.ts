import source from '../../examples/blitz/classifier.ts?raw';
import { ChapterPage } from './chapter_page.js';

const settings = `// Elsewhere the command line gives these. The device can be 'webgpu', too.
// The page adds print(), TrainingLog and place: images, downloads, pictures.
const settings = { seed: 0, epochs: 10, batchSize: 4, device: 'cpu', workers: 0, download: false };
if (settings.device === 'webgpu') await torch.webgpu.init();
`;

new ChapterPage('A classifier', source, settings);
