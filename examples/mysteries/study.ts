/** The experiment that is made with every set of data: single networks, their average, students, and many trained as one. */
import * as torch from 'flambeau';
import { type Measured, type Point, type Row, rowNames, type Scores } from './events.js';
import { Joined, type Learner, type Lesson, type Recipe, train } from './learner.js';

/** Data, and networks for them. */
export interface World {
  /** Labels of the training samples. */
  readonly labels: torch.Tensor;
  /** A network that has learned nothing. */
  make(): Learner;
  /**
   * Scores logits of all test samples.
   * @param learner whose they are, if it is trained
   */
  scores(logits: torch.Tensor, learner: Learner | null): Scores;
  /** How strongly it has learned each feature, where features are known. */
  strengths?(learner: Learner): number[];
}

/** An experiment: its data, and how networks learn them. */
export interface Study {
  /** Says how data are made: with equal words and seeds they are equal. */
  readonly name: string;
  begin(): World | Promise<World>;
  readonly networks: number;
  /** How many networks of a row are trained in a replicate, for a mean that jumps less. */
  readonly repeats: number;
  readonly temperature: number;
  readonly hardShare: number;
  readonly recipes: Readonly<Record<'single' | 'student' | 'joint', Recipe>>;
  readonly untuned?: Recipe;
  /** Joins the logits of networks that are trained as one. */
  readonly join: 'sum' | 'mean';
  readonly seed: number;
  readonly replicates: number;
  /** At how many times within each training it is tried on the test samples. */
  readonly points: number;
}

interface Trained {
  readonly learner: Learner;
  readonly onTraining: torch.Tensor;
  readonly onTest: torch.Tensor;
}

/** Data and trained networks by all that they depend on: who changes the temperature alone keeps the teachers. */
export class Known {
  readonly worlds = new Map<string, World>();
  readonly networks = new Map<string, Trained>();
}

/** Makes an experiment, and tells what comes of it. Whoever asks for no more events has it pause. */
export async function* carryOut(study: Study, known = new Known()): AsyncGenerator<Point | Measured> {
  for (let replicate = 0; replicate < study.replicates; replicate++)
    yield* carryOutOnce(study, replicate, known);
}

async function* carryOutOnce(
  study: Study,
  replicate: number,
  known: Known,
): AsyncGenerator<Point | Measured> {
  const { networks, repeats, temperature, hardShare, recipes, untuned, join, seed, points } = study;
  // Every network has a seed of its own: it is the same, whatever is trained beside it.
  const reseed = (row: Row | 'data', network: number) => {
    const place = 1 + rowNames.indexOf(row as Row);
    torch.manualSeed(100_000 * (seed + replicate) + 1000 * place + network);
  };
  const worldKey = JSON.stringify([study.name, seed + replicate]);
  reseed('data', 0);
  const world = known.worlds.get(worldKey) ?? (await study.begin());
  known.worlds.set(worldKey, world);

  const measured = (row: Row, network: number, { learner, onTest }: Omit<Trained, 'onTraining'>) =>
    ({
      kind: 'measured',
      replicate,
      row,
      network,
      scores: world.scores(onTest, learner),
      strengths: world.strengths?.(learner) ?? null,
    }) satisfies Measured;

  /** Trains a network, unless it is known. */
  async function* teach(
    row: Row,
    network: number,
    recipe: Recipe,
    lesson: (Lesson & { readonly teacher: string }) | null = null,
  ): AsyncGenerator<Point | Measured, Trained> {
    const taught = lesson && [lesson.temperature, lesson.hardShare, lesson.teacher];
    const members = row === 'joint' ? networks : 1;
    const key = JSON.stringify([worldKey, row, network, members, recipe, taught]);
    let trained = known.networks.get(key);
    if (trained === undefined) {
      reseed(row, network);
      const made = Array.from({ length: members }, () => world.make());
      const learner = row === 'joint' ? new Joined(made, join) : made[0];
      let tried = 0;
      for await (const done of train(learner, world.labels, lesson, recipe)) {
        const due = Math.floor(done * points);
        const scores = due > tried ? world.scores(learner.answerAll('test'), null) : null;
        tried = due;
        yield { kind: 'point', replicate, row, network, done, scores };
      }
      trained = { learner, onTraining: learner.answerAll('training'), onTest: learner.answerAll('test') };
      known.networks.set(key, trained);
    }
    yield measured(row, network, trained);
    return trained;
  }

  const teachers: Trained[] = [];
  for (let i = 0; i < networks; i++) {
    teachers.push(yield* teach('single', i, recipes.single));
    const onTest = mean(teachers.map(({ onTest }) => onTest));
    const learner = new Joined(
      teachers.map(({ learner }) => learner),
      'mean',
    );
    yield measured('ensemble', i, { learner, onTest });
  }
  const by = (teacher: string, logits: torch.Tensor) => ({ logits, temperature, hardShare, teacher });
  const ofAll = by(`ensemble of ${networks}`, mean(teachers.map(({ onTraining }) => onTraining)));
  const ofOne = teachers.map(({ onTraining }, i) => by(`network ${i}`, onTraining));
  const times = Array.from({ length: repeats }, (_, i) => i);
  for (const i of times) yield* teach('distilled', i, recipes.student, ofAll);
  for (const i of times) yield* teach('self-distilled', i, recipes.student, ofOne[i % networks]);
  for (const i of times) yield* teach('control', i, recipes.student);
  if (untuned !== undefined) for (const i of times) yield* teach('untuned', i, untuned);
  yield* teach('joint', 0, recipes.joint);
}

const mean = (logits: readonly torch.Tensor[]) => torch.stack([...logits]).mean(0);
