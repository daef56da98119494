// Reasons why an input is no key of the configuration file, each the end of a sentence.

export const SECRET = 'no secret belongs in a file of the repository';
export const ONE_RUN = 'the value is for a single run';
