/** One rank: runs the program that it was given, and tells its result. */
import { parentPort, workerData } from 'node:worker_threads';
import * as dist from '../../dist/distributed/index.js';
import { addBackend } from '../../dist/distributed/worlds.js';
import * as torch from '../../dist/index.js';
import { startShared } from './shared_world.mjs';

const { shared, rank, program, name, given } = workerData;
addBackend('shared', startShared(shared, rank));
await dist.initProcessGroup('shared');
const result = await (await import(program))[name](given, torch, dist);
await dist.destroyProcessGroup();
parentPort.postMessage(result ?? null);
