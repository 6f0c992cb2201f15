import source from '../../examples/blitz/classifier.ts?raw';
import { ChapterPage } from './chapter_page.js';

const settings = `// What the command line gives elsewhere; the device can be 'webgpu', too. The page adds print(), place (images, downloads,
// pictures) and TrainingLog.
const settings = { seed: 0, epochs: 10, batchSize: 4, device: 'cpu', workers: 0, download: false };
if (settings.device === 'webgpu') await torch.webgpu.init();
`;

new ChapterPage('A classifier', source, settings);
