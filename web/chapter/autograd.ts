import source from '../../examples/blitz/autograd.ts?raw';
import { ChapterPage } from './chapter_page.js';

new ChapterPage('Automatic differentiation', source);
