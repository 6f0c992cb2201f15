/** Settings of an experiment. They stand in the address, so that it can be kept, sent and shown in another language. */
import { element, uniqueId } from '../page/element.js';
import type { MysteryData, StudyOrder } from '../worker/messages.js';
import { words } from './words.js';

const datas = ['multi-view', 'digits', 'random-features'] as const satisfies readonly MysteryData[];
const usualTemperature: Readonly<Record<MysteryData, number>> = {
  'multi-view': 2,
  digits: 4,
  'random-features': 2,
};

interface Field {
  readonly element: HTMLElement;
  readonly name: string;
  value: number;
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

function labelled(name: string, label: string, input: HTMLInputElement, ...more: HTMLElement[]): Field {
  const id = uniqueId('field');
  input.id = id;
  return {
    name,
    element: element('div', { class: 'field' }, element('label', { for: id }, label), input, ...more),
    get value() {
      return input.valueAsNumber;
    },
    set value(value) {
      input.value = String(value);
      input.dispatchEvent(new Event('input'));
    },
  };
}

function input(type: 'range' | 'number', { min, max, step }: Range, value: number): HTMLInputElement {
  const range = { min: String(min), max: String(max), step: String(step) };
  return element('input', { type, ...range, value: String(value), required: true });
}

/** A slider that says what it is at. */
function slider(
  name: string,
  label: string,
  range: Range,
  value: number,
  show: (value: number) => string = String,
): Field {
  const made = input('range', range, value);
  const shown = element('span', { class: 'value', 'aria-hidden': 'true' });
  const tell = () => {
    shown.textContent = show(made.valueAsNumber);
    made.setAttribute('aria-valuetext', shown.textContent);
  };
  made.addEventListener('input', tell);
  tell();
  return labelled(name, label, made, shown);
}

export class SettingsForm {
  readonly element: HTMLFormElement;
  private readonly choices: readonly HTMLInputElement[];
  private readonly temperature = slider('temperature', words.temperature, { min: 1, max: 10, step: 0.5 }, 2);
  private readonly networks = slider('networks', words.networks, { min: 1, max: 20, step: 1 }, 10);
  private readonly share = slider(
    'single-view',
    words.singleViewShare,
    { min: 0, max: 1, step: 0.05 },
    0,
    (share) => `${Math.round(100 * share)} %`,
  );
  private readonly replicates = labelled(
    'replicates',
    words.replicates,
    input('number', { min: 1, max: 20, step: 1 }, 1),
  );
  private readonly seed = labelled('seed', words.seed, input('number', { min: 0, max: 9999, step: 1 }, 0));
  private readonly fields = [this.temperature, this.networks, this.share, this.replicates, this.seed];
  private readonly usual = new Map(this.fields.map((field) => [field, field.value]));

  /** @param onChange told when a setting has another value */
  constructor(onChange: () => void) {
    const made = datas.map((value, i) => {
      const id = uniqueId('choice');
      const radio = element('input', { id, type: 'radio', name: 'data', value, checked: i === 0 });
      const label = element('label', { for: id }, words.dataNames[value]);
      return { radio, element: element('div', { class: 'choice' }, radio, label) };
    });
    this.choices = made.map(({ radio }) => radio);
    this.element = element(
      'form',
      { onsubmit: (event) => event.preventDefault() },
      element('fieldset', {}, element('legend', {}, words.data), ...made.map((one) => one.element)),
      ...this.fields.map((field) => field.element),
    );
    this.readAddress();
    this.element.addEventListener('change', ({ target }) => {
      if (this.choices.includes(target as HTMLInputElement)) this.temperature.value = this.usualTemperature();
      this.share.element.hidden = this.data() !== 'multi-view';
      if (!this.element.checkValidity()) return;
      this.writeAddress();
      onChange();
    });
  }

  /** Reads what is chosen; null if something is not as it should be, which the browser then says. */
  read(): StudyOrder | null {
    if (!this.element.reportValidity()) return null;
    return {
      data: this.data(),
      temperature: this.temperature.value,
      networks: this.networks.value,
      singleViewShare: this.share.value,
      replicates: this.replicates.value,
      seed: this.seed.value,
    };
  }

  private data(): MysteryData {
    return this.choices.find(({ checked }) => checked)!.value as MysteryData;
  }

  private usualTemperature(): number {
    return usualTemperature[this.data()];
  }

  private readAddress(): void {
    const given = new URLSearchParams(location.search);
    const choice = this.choices.find(({ value }) => value === given.get('data'));
    if (choice !== undefined) choice.checked = true;
    this.temperature.value = this.usualTemperature();
    for (const field of this.fields) {
      const value = Number(given.get(field.name) ?? Number.NaN);
      if (Number.isFinite(value)) field.value = value;
    }
    this.share.element.hidden = this.data() !== 'multi-view';
    linkLanguages();
  }

  private writeAddress(): void {
    const given = new URLSearchParams();
    if (this.data() !== datas[0]) given.set('data', this.data());
    for (const field of this.fields) {
      const usual = field === this.temperature ? this.usualTemperature() : this.usual.get(field);
      if (field.value !== usual) given.set(field.name, String(field.value));
    }
    history.replaceState(null, '', `${location.pathname}${given.size === 0 ? '' : `?${given}`}`);
    linkLanguages();
  }
}

/** Who changes the language keeps the settings. */
function linkLanguages(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[hreflang]'))
    link.search = location.search;
}
