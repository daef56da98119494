/**
 * Returns whether a text is the address of an attestation on GitHub, `https://<server>/<owner>/<repository>/attestations/<number>`, as the output
 * `attestation-url` of https://github.com/actions/attest.
 */
export function isAttestationUrl(text: string): boolean {
  return text.length <= 500 && URL.canParse(text) && /^https:\/\/[\w.:-]+\/[\w.-]+\/[\w.-]+\/attestations\/\d+$/.test(text);
}
