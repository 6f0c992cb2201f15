/** Makes the experiments of examples/mysteries, and tells the page of each network. */
import { digits, randomFeatures } from '../../examples/mysteries/digits.js';
import { type ImageSets, readDigits } from '../../examples/mysteries/images.js';
import { multiView } from '../../examples/mysteries/multi_view.js';
import { carryOut, Known, type Study } from '../../examples/mysteries/study.js';
import { digits as digitFiles } from './digits.js';
import type { StudyOrder } from './messages.js';
import { Pause } from './pause.js';
import { breakOff, post } from './port.js';

/** Within each training networks are tried so often. */
const points = 15;
/** The page is told about steps so often, and messages are let in, in seconds. */
const tellEvery = 0.1;
/** So many networks are kept for when a setting is changed back. */
const mostKnown = 500;

const seconds = () => performance.now() / 1000;

export class Mysteries {
  private known = new Known();
  private images: Promise<ImageSets> | null = null;
  /** Counts orders: whatever is not of the last one ends. */
  private turnOf = 0;
  readonly pause = new Pause();

  /** Ends what goes on, after the step that is being made. */
  cancel(): void {
    this.turnOf++;
    this.pause.goOn();
  }

  async run(order: StudyOrder): Promise<void> {
    const mine = this.turnOf;
    try {
      const study = await this.study(order);
      if (this.known.networks.size > mostKnown) this.known = new Known();
      let told = seconds();
      const begun = told;
      for await (const event of carryOut(study, this.known)) {
        const isDue = seconds() - told > tellEvery;
        if (event.kind === 'measured' || event.scores !== null || isDue)
          post({ kind: 'study', order, event });
        if (isDue) {
          await this.pause.pass();
          told = seconds();
        }
        if (mine !== this.turnOf) return;
      }
      post({ kind: 'studied', order, seconds: seconds() - begun });
    } catch (error) {
      breakOff(error);
    }
  }

  private async study(order: StudyOrder): Promise<Study> {
    if (order.data === 'multi-view') return multiView({ ...order, points });
    this.images ??= digitFiles().then(readDigits);
    const images = await this.images;
    return (order.data === 'digits' ? digits : randomFeatures)(images, { ...order, points });
  }
}
