export { askAll } from './ask.ts';
export { fileText, type Proposed } from './lines.ts';
export { CONFIG, isDeployable, type Known, type Proposal, proposalOf, type Question, questionsOf, WORKFLOW } from './propose.ts';
export { readRepository } from './read.ts';
export { nextLines, type Section, sectionsOf } from './show.ts';
export { type Survey, surveyOf } from './survey.ts';
export type { Finding, KnownFile, Repository } from './types.ts';
export { existingOf, writeNew } from './write.ts';
