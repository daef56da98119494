export { argumentsOf, each, type Option } from './arguments.ts';
export { isAttestationUrl } from './attestation.ts';
export { bytesText } from './bytes.ts';
export { columns } from './columns.ts';
export { shellWord, splitWords } from './command-line.ts';
export { formatDuration, parseDuration } from './duration.ts';
export { withoutEscapes } from './escapes.ts';
export { isPattern, matcherOf, patternProblem } from './glob.ts';
export {
  type DeclaredVariable,
  declaredVariables,
  type HclBlock,
  parseAssignments,
  readBlocks,
  topLevelBlocks,
  withoutComments,
} from './hcl.ts';
export { lex, skipBlank, type Template, type Token } from './hcl-lexer.ts';
export { syntaxProblem } from './hcl-syntax.ts';
export { exactNumber, type HclValue, hclLiteral, parseHclLiteral, parseJsonValue, parseLiteral } from './hcl-values.ts';
export {
  completeName,
  completeReference,
  contentTag,
  digestTag,
  digitsOf,
  hostOfRegistry,
  isContentTag,
  isDigest,
  isDigestTag,
  isFrom,
  isRegistry,
  isTagAlone,
  localId,
  parseReference,
  referencesIn,
  registryIn,
  registryOf,
  repositoryOf,
  type Trust,
  trustedBy,
} from './image-reference.ts';
export { depthOf, endOfText, isCutJson, mapTexts, textAt, textsIn, valueAt } from './json.ts';
export { keysOf } from './keys.ts';
export { type Line, lineDiff, withContext } from './line-diff.ts';
export { type LineSplitter, lineSplitter } from './line-splitter.ts';
export { clip, flattenErrors, linesOf, oneLine, readable, withoutCredentials, withoutFolders } from './lines.ts';
export { autolink, code, fenced, html, htmlCode, link, plain, quiet, table, text, textBefore } from './markdown.ts';
export { nearest } from './nearest.ts';
export { fitLabel, hostBeside, hostProblem, slug } from './slug.ts';
export { anything, FOLDERS, literally, matchesSteps, notSlash, type PatternStep } from './wildcard.ts';
export { parseYaml, yamlData } from './yaml.ts';
export { dataOf, type Entry, locationOf, type Place, type Problem, placeText, readTree, sourceText, type Tree } from './yaml-tree.ts';
