// Node's own type stripping as a jest transform: no compiler between a test and what the bundle is made of; lines and columns stay.
const { createHash } = require('node:crypto');
const { stripTypeScriptTypes } = require('node:module');

module.exports = {
  process: (source, file) => ({ code: file.endsWith('.ts') ? stripTypeScriptTypes(source, { mode: 'strip' }) : source }),
  getCacheKey: (source, file, options) =>
    createHash('sha256')
      .update([process.version, file, source, String(options.instrument)].join('\0'))
      .digest('hex'),
};
