// Loaded before a program: tells on standard error which thread compiles WebAssembly.
const { writeSync } = require('node:fs');
const { threadId } = require('node:worker_threads');

const { Module } = WebAssembly;
WebAssembly.Module = class extends Module {
  constructor(bytes) {
    super(bytes);
    writeSync(2, `thread ${threadId} compiles\n`);
  }
};
