export { argumentsOf, each, type Option } from './arguments.ts';
export { splitWords } from './command-line.ts';
export { formatDuration, parseDuration } from './duration.ts';
export { isPattern, matchesAny } from './glob.ts';
export {
  type DeclaredVariable,
  declaredVariables,
  exactNumber,
  type HclBlock,
  type HclValue,
  hclLiteral,
  linesOf,
  parseAssignments,
  parseJsonValue,
  parseLiteral,
  readBlocks,
  skipBlank,
  topLevelBlocks,
  withoutComments,
} from './hcl.ts';
export {
  contentTag,
  digestTag,
  isContentTag,
  isDigestTag,
  isFrom,
  isRegistry,
  localId,
  parseReference,
  registryIn,
  registryOf,
  type Trust,
  trustedBy,
} from './image-reference.ts';
export { textAt, valueAt } from './json.ts';
export { type Line, lineDiff, withContext } from './line-diff.ts';
export { clip, flattenErrors, oneLine, readable, withoutCredentials, withoutFolders } from './lines.ts';
export { autolink, code, fenced, html, htmlCode, link, plain, quiet, table, text, textBefore } from './markdown.ts';
export { nearest } from './nearest.ts';
export { fitLabel, hostBeside, hostProblem, slug } from './slug.ts';
export { anything, FOLDERS, literally, matchesParts, notSlash, type Part } from './wildcard.ts';
export { parseYaml, yamlData } from './yaml.ts';
export { dataOf, type Entry, locationOf, type Place, type Problem, placeText, readTree, sourceText, type Tree } from './yaml-tree.ts';
