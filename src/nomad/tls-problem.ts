import type { Tls } from './call.ts';

interface TlsProblem {
  /** The problem, as the end of a sentence. */
  readonly what: string;
  readonly hint: string;
}

const CLIENT_CERTIFICATE = 'Set `nomad-client-cert` and `nomad-client-key` to a certificate that the authority of this Nomad has signed.';

/**
 * Returns the problem of a TLS negotiation and its hint, by the code of Node's or OpenSSL's error; undefined for other errors. `tls` has the options of the
 * connection.
 */
export function tlsProblem(code: string, tls: Tls | undefined): TlsProblem | undefined {
  switch (code) {
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return {
        what: `its certificate is signed by ${tls?.ca === undefined ? 'an authority that this runner does not know' : 'another authority than the one in `nomad-cacert`'}`,
        hint: 'Set `nomad-cacert` to the certificate of the authority that signed the certificate of Nomad.',
      };
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
      return { what: 'its certificate is self-signed', hint: 'Set `nomad-cacert` to that certificate.' };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        what: `its certificate is for another name${tls?.serverName === undefined ? '' : ` than ${tls.serverName}`}`,
        hint: "Set `nomad-tls-server-name` to a name in the certificate. Nomad's own certificates have `server.<region>.nomad`, such as `server.global.nomad`.",
      };
    case 'CERT_HAS_EXPIRED':
      return { what: 'its certificate has expired', hint: 'Renew the certificate of the Nomad server.' };
    case 'CERT_NOT_YET_VALID':
      return { what: 'its certificate is not valid yet', hint: 'Compare the clocks of the runner and the server.' };
    case 'ERR_OSSL_X509_KEY_VALUES_MISMATCH':
      return { what: 'the client key does not belong to the client certificate', hint: 'Set both from the same pair.' };
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return { what: 'it does not speak TLS', hint: 'Begin `nomad-addr` with http://, or enable `tls { http = true }` in Nomad.' };
    case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
      return { what: 'it requires a client certificate', hint: CLIENT_CERTIFICATE };
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
