import type { Tls } from './call.ts';

interface Problem {
  /** What happened, as the end of a sentence. */
  readonly what: string;
  readonly hint: string;
}

const CLIENT_CERTIFICATE = 'Give `nomad-client-cert` and `nomad-client-key` of a certificate that the authority of this Nomad has signed.';

/**
 * What went wrong when TLS was negotiated, by the code of Node's or OpenSSL's error, and how to mend it; undefined for any other error.
 * `tls` is what the connection was given: with an authority of its own, the fix is another one.
 */
export function tlsProblem(code: string, tls: Tls | undefined): Problem | undefined {
  switch (code) {
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return {
        what: `its certificate is signed by ${tls?.ca === undefined ? 'an authority that this runner does not know' : 'another authority than that of `nomad-cacert`'}`,
        hint: "Give `nomad-cacert` the certificate of the authority that signed Nomad's.",
      };
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return { what: 'its certificate is self-signed', hint: 'Give `nomad-cacert` that certificate.' };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        what: `its certificate is for another name${tls?.serverName === undefined ? '' : ` than ${tls.serverName}`}`,
        hint: "Set `nomad-tls-server-name` to a name that it has: Nomad's own have `server.<region>.nomad`, such as `server.global.nomad`.",
      };
    case 'CERT_HAS_EXPIRED':
      return { what: 'its certificate has expired', hint: 'Renew the certificate of the Nomad server.' };
    case 'CERT_NOT_YET_VALID':
      return { what: 'its certificate is not valid yet', hint: "Compare the runner's clock with the server's." };
    case 'ERR_OSSL_X509_KEY_VALUES_MISMATCH':
      return { what: 'the client key is not that of the client certificate', hint: 'Give both from the same pair.' };
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return { what: 'it does not speak TLS', hint: 'Let `nomad-addr` begin with http://, or enable `tls { http = true }` in Nomad.' };
    case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
      return { what: 'it wants a client certificate', hint: CLIENT_CERTIFICATE };
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED':
    case 'ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR':
      return { what: 'it does not accept the client certificate', hint: CLIENT_CERTIFICATE };
    default:
      return undefined;
  }
}
