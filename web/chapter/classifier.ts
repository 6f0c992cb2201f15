import source from '../../examples/blitz/classifier.ts?raw';
import { ChapterPage } from './chapter_page.js';
import { settings } from './settings.js';

new ChapterPage('A classifier', source, settings);
