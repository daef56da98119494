import type { InputName } from '../inputs/index.ts';
import type { Terminal } from '../runtime/runtime.ts';
import { hostProblem } from '../text/index.ts';
import { isPort } from './dockerfile.ts';
import type { Known, Question } from './propose.ts';

/** The words of a question, and the problem of an answer; undefined for a good one. */
const QUESTIONS: Readonly<Record<Question, { readonly words: string; readonly problem: (answer: string) => string | undefined }>> = {
  'nomad-addr': {
    words: "Address of Nomad's API, such as https://nomad.example.com:4646 (empty: later):",
    problem: (answer) =>
      URL.canParse(answer) && /^(https?|unix):/.test(answer) ? undefined : 'An address begins with https:// or http://.',
  },
  'base-domain': {
    words: 'Domain below which the router of the cluster serves applications, such as apps.example.com (empty: none):',
    problem: (answer) =>
      hostProblem(answer) === undefined ? undefined : 'A domain has names with dots between them, and neither https:// nor a path.',
  },
  port: {
    words: 'Port on which the application listens [5000]:',
    problem: (answer) => (isPort(Number(answer)) ? undefined : 'A port is a number up to 65535.'),
  },
  provider: {
    words: 'Does the cluster have Consul, for its services? [Y/n]',
    problem: (answer) => (/^(y|yes|n|no)$/i.test(answer) ? undefined : 'Answer yes or no.'),
  },
};

/** The number of times that a question is asked. */
const TRIES = 3;

/** Asks the open questions at a terminal. Returns the known facts with the answers; unchanged where nobody can be asked. */
export async function askAll(
  questions: readonly Question[],
  known: Known,
  { ask, say }: Pick<Terminal, 'ask' | 'say'>,
  signal: AbortSignal,
): Promise<Known> {
  let now = known;
  for (const question of questions) {
    const answer = await askOne(question, { ask, say }, signal);
    if (answer === undefined) return now;
    now = withAnswer(now, question, answer);
  }
  return now;
}

/** Returns a good answer, or an empty one for the default; undefined where nobody can be asked. */
async function askOne(question: Question, { ask, say }: Pick<Terminal, 'ask' | 'say'>, signal: AbortSignal): Promise<string | undefined> {
  const { words, problem } = QUESTIONS[question];
  for (let i = 0; i < TRIES; i++) {
    const answer = (await ask(words, signal))?.trim();
    if (answer === undefined || answer === '') return answer;
    const wrong = problem(answer);
    if (wrong === undefined) return answer;
    say(wrong);
  }
  return '';
}

function withAnswer(known: Known, question: Question, answer: string): Known {
  if (question === 'provider') return { ...known, provider: /^n/i.test(answer) ? 'nomad' : 'consul' };
  if (question === 'port') return { ...known, port: answer === '' ? 5000 : Number(answer) };
  if (answer === '') return known;
  const given: [InputName, { value: string; source: string }] = [question, { value: answer, source: 'your answer' }];
  return { ...known, given: new Map([...known.given, given]) };
}
