import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';

/** Files in PEM: which authorities to trust, instead of those that Node brings; and what to show to a server that asks who is calling. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * What `tls.connect` is given, beside its own rule that a server's certificate must be good and made out to the host that was called. The
 * files are read anew for every connection, so that a renewed certificate needs no restart. While they cannot be read or do not belong
 * together, which is so for a moment when they are replaced one by one, they are what they were.
 * @throws when that is so from the beginning
 */
export function tlsOptions(files: TlsFiles): { readonly secureContext: SecureContext } {
  let last = contextOf(files);
  return {
    get secureContext() {
      try {
        last = contextOf(files);
      } catch {
        // Whoever renews them is told by the servers, if they don't finish before the old ones expire.
      }
      return last;
    },
  };
}

function contextOf({ ca, cert, key }: TlsFiles): SecureContext {
  return createSecureContext({
    ...(ca !== undefined && { ca: readFileSync(ca) }),
    ...(cert !== undefined && { cert: readFileSync(cert) }),
    ...(key !== undefined && { key: readFileSync(key) }),
  });
}

/** What OpenSSL says by code, by a line of its own source, or in the middle of a handshake. */
const inWords: readonly (readonly [RegExp, string])[] = [
  [/wrong version number|packet length too long/i, 'the server speaks plain text where TLS was asked for'],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET)|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE/,
    "the server's certificate comes from no authority that is trusted here",
  ],
  [/CERT_HAS_EXPIRED/, "the server's certificate has expired"],
  [/ALTNAME_INVALID/, "the server's certificate is made out to another host"],
  [/CERTIFICATE_REQUIRED|ALERT_HANDSHAKE_FAILURE/, 'the server demands a client certificate'],
  [/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_(UNKNOWN|EXPIRED|REVOKED))/, 'the server does not accept the client certificate'],
];

/** Why a connection could not be made, in words for whoever has to mend it. */
export function connectFault(error: unknown): string {
  const { message = '', code = '' } = error as { message?: string; code?: string };
  // Node's refusal by every address of a name has no message.
  const said = message || code;
  const [, words] = inWords.find(([pattern]) => pattern.test(`${code} ${message}`)) ?? [];
  return words === undefined ? said : `${words} (${said.trim()})`;
}
