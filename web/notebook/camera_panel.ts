/** The camera beside a notebook: it gives pictures as files. */
import { Camera } from '../page/camera.js';
import { element } from '../page/element.js';

export class CameraPanel {
  /** Switches the camera on and off. */
  readonly button: HTMLButtonElement;
  readonly element: HTMLElement;
  private readonly camera = new Camera();
  private count = 0;

  /**
   * @param taken told of each picture
   * @param say tells the reader why there is none
   */
  constructor(
    private readonly taken: (picture: File) => void,
    private readonly say: (message: string) => void,
  ) {
    this.button = element(
      'button',
      { type: 'button', 'aria-pressed': 'false', onclick: () => void this.toggle() },
      'Camera',
    );
    this.element = element(
      'div',
      { class: 'actions', role: 'group', 'aria-label': 'Camera' },
      this.camera.element,
      element('button', { type: 'button', onclick: () => void this.take() }, 'Take a picture'),
    );
    this.element.hidden = true;
  }

  private async toggle(): Promise<void> {
    try {
      if (this.camera.isOn) this.camera.stop();
      else await this.camera.start();
    } catch (error) {
      this.say((error as Error).message);
    }
    this.element.hidden = !this.camera.isOn;
    this.button.setAttribute('aria-pressed', String(this.camera.isOn));
  }

  private async take(): Promise<void> {
    const picture = await this.camera.picture(`camera-${this.count + 1}.png`);
    if (picture === null) return this.say('The camera has no picture yet.');
    this.count++;
    this.taken(picture);
  }
}
