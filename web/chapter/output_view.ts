import { confusionTable } from '../draw/confusion_table.js';
import { decisionPicture } from '../draw/decision_picture.js';
import { lossCurve } from '../draw/loss_curve.js';
import { networkGraph } from '../draw/network_graph.js';
import { predictionList } from '../draw/predictions.js';
import { heatMap } from '../look/heat_map.js';
import { lookAt } from '../look/look.js';
import { picture } from '../look/picture.js';
import { asImages } from '../look/values.js';
import { downloadLink } from '../page/download.js';
import { element } from '../page/element.js';
import type { Failure, Output } from '../worker/messages.js';

/** So many characters of one text are shown: browsers stall on many more. */
const mostCharacters = 100_000;

function cut(text: string): string {
  const left = text.length - mostCharacters;
  return left <= 0
    ? text
    : `${text.slice(0, mostCharacters)} … and ${left.toLocaleString('en')} more characters, which are not shown`;
}

/** Shows what a snippet leaves. */
export function outputView(output: Output): HTMLElement {
  switch (output.kind) {
    case 'text': {
      const { text, isAside, snapshots } = output;
      // Each text ends its line, as after print(); an empty one takes a line, too.
      const pre = element('pre', isAside ? { class: 'aside' } : {}, `${cut(text)}\n`);
      return snapshots.length === 0 ? pre : element('div', { class: 'entry' }, pre, ...snapshots.map(lookAt));
    }
    case 'late':
      return failureView(output.failure);
    case 'file':
      return element('p', {}, downloadLink(output.name, output.bytes));
    case 'curve': {
      const curve = lossCurve();
      curve.show([...output.losses], output.stepsPerEpoch);
      return curve.element;
    }
    case 'svg': {
      // As an image, in which nothing runs.
      const source = `data:image/svg+xml,${encodeURIComponent(output.text)}`;
      const { title, label } = output;
      return element(
        'figure',
        { class: 'plot' },
        ...(title === null ? [] : [element('figcaption', {}, title)]),
        element('img', { src: source, alt: label }),
      );
    }
    case 'decisions': {
      const picture = decisionPicture();
      picture.show(output.decisions);
      return picture.element;
    }
    case 'tensor': {
      const { title, snapshot, as } = output;
      const isShownAs = as === 'images' && asImages(snapshot) !== null ? picture : heatMap;
      return element('figure', { class: 'tensor' }, element('figcaption', {}, title), isShownAs(snapshot));
    }
    case 'graph':
      return networkGraph(output.nodes);
    case 'confusion':
      return confusionTable(output.confusion);
    case 'predictions': {
      const list = predictionList(output.images);
      list.show(output.predictions);
      return list.element;
    }
  }
}

export function failureView({ name, message, line }: Failure): HTMLElement {
  const where = line === null ? '' : ` (line ${line})`;
  return element('pre', { class: 'error' }, `${name}${message === '' ? '' : ': '}${message}${where}`);
}
