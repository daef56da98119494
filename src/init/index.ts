export { askAll } from './ask.ts';
export { openValue } from './given.ts';
export { fileText, type Proposed } from './lines.ts';
export { CONFIG, isDeployable, type Known, type Proposal, proposalOf, questionsOf } from './propose.ts';
export { readRepository } from './read.ts';
export { nextLines, sectionsOf } from './show.ts';
export { surveyOf } from './survey.ts';
export { existingOf, writeNew } from './write.ts';
