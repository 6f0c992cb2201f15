import source from '../../examples/blitz/classifier.ts?raw';
import { ChapterPage } from './chapter_page.js';

new ChapterPage(source);
