// An identity provider for logins in a browser: OpenID Connect discovery, a login that anybody passes, and the exchange of its code for an ID token.
import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

export interface OidcProvider {
  /** The issuer, and the base of all its addresses. */
  readonly issuer: string;
  /** Sends the browser back with this error in place of a code, once. */
  readonly refuse: (error: string) => void;
  readonly close: () => void;
}

/** Starts a provider on a loopback port. Its tokens are for the client `nomad`, and for the person `ada`. */
export async function startOidcProvider(): Promise<OidcProvider> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const nonces = new Map<string, string>();
  let refusal: string | undefined;
  const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const idToken = (nonce: string): string => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, sub: 'ada', aud: 'nomad', iat: now, exp: now + 300, nonce, groups: ['developers'] };
    const text = `${base64url({ alg: 'RS256', typ: 'JWT', kid: 'test' })}.${base64url(claims)}`;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    const json = (value: unknown): unknown => response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    if (url.pathname === '/.well-known/openid-configuration') {
      return json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        userinfo_endpoint: `${issuer}/userinfo`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      });
    }
    if (url.pathname === '/keys')
      return json({ keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'test' }] });
    if (url.pathname === '/userinfo') return json({ sub: 'ada' });
    if (url.pathname === '/authorize') {
      const back = new URL(url.searchParams.get('redirect_uri') ?? '');
      const code = randomUUID();
      nonces.set(code, url.searchParams.get('nonce') ?? '');
      back.searchParams.set('state', url.searchParams.get('state') ?? '');
      if (refusal === undefined) back.searchParams.set('code', code);
      else back.searchParams.set('error', refusal);
      refusal = undefined;
      return response.writeHead(302, { location: back.href }).end();
    }
    const chunks: Buffer[] = [];
    return request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const code = new URLSearchParams(Buffer.concat(chunks).toString()).get('code') ?? '';
        json({ access_token: randomUUID(), token_type: 'Bearer', expires_in: 300, id_token: idToken(nonces.get(code) ?? '') });
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return { issuer, refuse: (error) => (refusal = error), close: () => server.close() };
}
