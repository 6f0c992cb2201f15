import source from '../../examples/blitz/tensors.ts?raw';
import { ChapterPage } from './chapter_page.js';

new ChapterPage('Tensors', source);
