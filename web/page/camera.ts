/** The visitor's camera. */
import { element } from './element.js';
import { type Square, squareOf } from './square.js';

export class Camera {
  readonly element = element('video', { class: 'camera', playsinline: true, muted: true, hidden: true });
  private stream: MediaStream | null = null;

  get isOn(): boolean {
    return this.stream !== null;
  }

  /** Asks for the camera and shows what it sees. @throws Error that says why there is none */
  async start(): Promise<void> {
    if (navigator.mediaDevices === undefined)
      throw new Error('A camera can be used by https or from localhost only.');
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 240 } });
    } catch (error) {
      const { name, message } = error as Error;
      if (name === 'NotAllowedError') throw new Error('The camera was not allowed.');
      if (name === 'NotFoundError') throw new Error('There is no camera.');
      throw new Error(`The camera cannot be used: ${message}`);
    }
    this.element.srcObject = this.stream;
    this.element.hidden = false;
    await this.element.play();
  }

  stop(): void {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.element.srcObject = null;
    this.element.hidden = true;
  }

  /** What it sees now, as a file; null while it is off. */
  async picture(name: string): Promise<File | null> {
    const { videoWidth, videoHeight } = this.element;
    if (!this.isOn || videoWidth === 0) return null;
    const canvas = new OffscreenCanvas(videoWidth, videoHeight);
    canvas.getContext('2d')!.drawImage(this.element, 0, 0);
    return new File([await canvas.convertToBlob()], name, { type: 'image/png' });
  }

  /** The middle of what it sees now; null while it is off. */
  grab(): Square | null {
    const { videoWidth, videoHeight } = this.element;
    return this.isOn && videoWidth > 0 ? squareOf(this.element, videoWidth, videoHeight) : null;
  }
}
