import { createInterface } from 'node:readline';

/** Carries out the commands that arrive as lines of JSON, and answers each with a line: what it gives, or its error. */
export async function answerLines(commands) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { command, ...args } = JSON.parse(line);
    let answer;
    try {
      answer = await commands[command](args);
    } catch (error) {
      answer = { error: error instanceof Error ? error.message : String(error) };
    }
    console.log(JSON.stringify(answer));
  }
}
