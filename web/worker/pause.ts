import { turn } from './port.js';

/** A reader's pause: what is shown while it is computed waits for its end. */
export class Pause {
  private over: Promise<void> | null = null;
  private end = () => {};

  begin(): void {
    this.over ??= new Promise((resolve) => {
      this.end = resolve;
    });
  }

  goOn(): void {
    this.end();
    this.over = null;
  }

  /** Lets messages in, and waits as long as the reader pauses. */
  async pass(): Promise<void> {
    await turn();
    while (this.over !== null) await this.over;
  }
}
