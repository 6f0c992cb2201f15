/** Words of the page that are not in its HTML, in the languages that it has. */

import type { Row } from '../../examples/mysteries/events.js';
import { rowTitle } from '../../examples/mysteries/report.js';
import type { MysteryData } from '../worker/messages.js';

export interface Words {
  readonly settings: string;
  readonly data: string;
  readonly dataNames: Readonly<Record<MysteryData, string>>;
  readonly temperature: string;
  readonly networks: string;
  readonly singleViewShare: string;
  readonly replicates: string;
  readonly seed: string;
  readonly experiment: string;
  readonly start: string;
  readonly pause: string;
  readonly goOn: string;
  readonly progress: string;
  readonly loading: string;
  readonly paused: string;
  readonly finished: string;
  readonly broken: string;
  readonly curves: string;
  readonly curvesBefore: string;
  readonly training: string;
  readonly ensembleSize: string;
  readonly averageCurve: string;
  readonly features: string;
  readonly featuresBefore: string;
  readonly featuresOf: string;
  readonly noFeatures: string;
  readonly learned: string;
  readonly results: string;
  readonly resultsBefore: string;
  readonly row: string;
  readonly minusSingle: string;
  /** Scores by their names. */
  readonly scores: Readonly<Record<string, string>>;
  readonly single: string;
  readonly members: string;
  classTitle(number: number): string;
  rowTitle(row: Row, networks: number): string;
  replicate(number: number, of: number): string;
  learnedOf(count: number): string;
  resultsOf(replicates: number): string;
  gainSentence(gain: string, kept: string): string;
}

const untuned = { learningRate: 0.02, epochs: 40, batchSize: 25 };

const english: Words = {
  settings: 'Settings',
  data: 'Data',
  dataNames: {
    'multi-view': 'Multi-view data',
    digits: '300 digits',
    'random-features': '300 digits, random features',
  },
  temperature: 'Temperature',
  networks: 'Networks',
  singleViewShare: 'Single-view samples in training',
  replicates: 'Replicates',
  seed: 'Seed',
  experiment: 'The experiment',
  start: 'Start',
  pause: 'Pause',
  goOn: 'Continue',
  progress: 'Progress of the experiment',
  loading: 'Loading the library …',
  paused: 'Paused.',
  finished: 'Finished.',
  broken: 'The library could not be started:',
  curves: 'Learning curves',
  curvesBefore: 'A line for each network, while it is trained.',
  training: 'share of the training',
  ensembleSize: 'networks that are averaged',
  averageCurve: 'Accuracy of the average, by how many networks it is of',
  features: 'What each network has learned',
  featuresBefore:
    'Ten classes with two features each: how strongly each network has learned them, when it is trained.',
  featuresOf:
    'Two squares for each class, one for each of its features: the darker, the more strongly it is learned; a dot marks what counts as learned.',
  noFeatures: 'Of digits nobody knows the features: choose multi-view data to see them.',
  learned: 'of 20',
  results: 'Results',
  resultsBefore: 'Figures appear as networks are trained.',
  row: 'Network',
  minusSingle: 'minus single',
  scores: {
    'single-view': 'single-view',
    'multi-view': 'multi-view',
    features: 'features of 20',
    accuracy: 'accuracy',
  },
  single: 'single network',
  members: 'Single networks',
  classTitle: (number) => `class ${number}`,
  rowTitle: (row, networks) => rowTitle(row, { networks, untuned }),
  replicate: (number, of) => `Replicate ${number} of ${of}`,
  learnedOf: (count) => `${count} of 2 learned`,
  resultsOf: (replicates) =>
    replicates < 2
      ? 'Percents of test samples that are classified correctly, in one replicate: errors need two at least.'
      : `Percents of test samples that are classified correctly: means of ${replicates} replicates ± their standard errors.`,
  gainSentence: (gain, kept) => `The ensemble gains ${gain}; its student keeps ${kept} of that.`,
};

const chinese: Words = {
  settings: '设置',
  data: '数据',
  dataNames: {
    'multi-view': '多视角数据',
    digits: '300 个手写数字',
    'random-features': '300 个手写数字，随机特征',
  },
  temperature: '温度',
  networks: '网络个数',
  singleViewShare: '训练集中单视角样本的比例',
  replicates: '重复次数',
  seed: '随机种子',
  experiment: '实验',
  start: '开始',
  pause: '暂停',
  goOn: '继续',
  progress: '实验进度',
  loading: '正在加载库……',
  paused: '已暂停。',
  finished: '完成。',
  broken: '库无法启动：',
  curves: '学习曲线',
  curvesBefore: '训练过程中，每个网络一条线。',
  training: '训练进度',
  ensembleSize: '参与平均的网络个数',
  averageCurve: '平均后的准确率随网络个数的变化',
  features: '每个网络学到了什么',
  featuresBefore: '十个类别，每类两个特征：网络训练完成后，这里显示它把每个特征学得多牢。',
  featuresOf: '每个类别有两个方格，各代表一个特征：颜色越深，学得越牢；带圆点的算作已经学会。',
  noFeatures: '手写数字有哪些特征，没有人知道；要看特征，请选择多视角数据。',
  learned: '共 20',
  results: '结果',
  resultsBefore: '每训练完一个网络，数字就会更新。',
  row: '网络',
  minusSingle: '与单个网络之差',
  scores: {
    'single-view': '单视角',
    'multi-view': '多视角',
    features: '特征（共 20）',
    accuracy: '准确率',
  },
  single: '单个网络',
  members: '单个网络',
  classTitle: (number) => `类别 ${number}`,
  rowTitle: (row, networks) =>
    ({
      single: '单个网络',
      control: '单个网络，按学生的训练设置',
      untuned: `单个网络，学习率 ${untuned.learningRate}`,
      'self-distilled': '自蒸馏',
      distilled: `由 ${networks} 个网络蒸馏`,
      ensemble: `${networks} 个网络的集成`,
      joint: `${networks} 个网络合在一起训练`,
    })[row],
  replicate: (number, of) => `第 ${number} 次重复，共 ${of} 次`,
  learnedOf: (count) => `两个特征中学会了 ${count} 个`,
  resultsOf: (replicates) =>
    replicates < 2
      ? '测试样本分类正确的百分比，只有一次重复：至少两次才能给出误差。'
      : `测试样本分类正确的百分比：${replicates} 次重复的平均值 ± 标准误差。`,
  gainSentence: (gain, kept) => `集成提高了 ${gain} 个百分点，它的学生保住了其中的 ${kept}。`,
};

/** The words in the language of the page. */
export const words: Words = document.documentElement.lang.startsWith('zh') ? chinese : english;
