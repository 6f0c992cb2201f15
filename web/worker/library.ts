/** What snippets can import. */
import * as torch from 'flambeau';
import * as torchvision from 'flambeau/vision';

export const library = { flambeau: torch, 'flambeau/vision': torchvision };
