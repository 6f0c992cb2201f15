import source from '../../examples/blitz/networks.ts?raw';
import { ChapterPage } from './chapter_page.js';

new ChapterPage('Neural networks', source);
