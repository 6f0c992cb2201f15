/** The program of the worker that knows types: it answers one question after the other. */
import type { Answers, Question, Reply, Request } from './messages.js';
import { check, complete, describe, explain, update } from './program.js';

function answer(question: Question): Answers[Question['kind']] {
  switch (question.kind) {
    case 'check':
      return check();
    case 'complete':
      return complete(question.cell, question.at);
    case 'describe':
      return describe(question.cell, question.at, question.name);
    case 'explain':
      return explain(question.cell, question.at);
  }
}

addEventListener('message', ({ data }) => {
  const { id, cells, question } = data as Request;
  update(cells);
  postMessage({ id, answer: answer(question) } satisfies Reply);
});
