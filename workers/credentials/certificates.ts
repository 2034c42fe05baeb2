import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';

/** A certificate and its private key, both PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** Lengths of RSA keys for the lives that they have, after NIST SP 800-57. */
const SERVER_BITS = 2048;
const AUTHORITY_BITS = 3072;
/** Some programs refuse servers' certificates that last longer [days]. */
const SERVER_DAYS = 825;
const AUTHORITY_DAYS = 3650;
const DAY = 86_400_000;

/** A positive serial number without a leading zero, as RFC 5280 wants it. */
const serialNumber = (): string => `40${randomBytes(15).toString('hex')}`;

/** Signed by the authority or, without one, by itself. */
function issue(
  name: string,
  [bits, days]: readonly [bits: number, days: number],
  extensions: readonly object[],
  authority?: Certificate,
): Certificate {
  const pair = generateKeyPairSync('rsa', { modulusLength: bits });
  const key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const certificate = forge.pki.createCertificate();
  const subject = [{ name: 'commonName', value: name }];
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = serialNumber();
  // A clock that is behind by some hours still takes it.
  certificate.validity.notBefore = new Date(Date.now() - DAY);
  certificate.validity.notAfter = new Date(Date.now() + days * DAY);
  certificate.setSubject(subject);
  const issuer = authority ? forge.pki.certificateFromPem(authority.certificate) : certificate;
  certificate.setIssuer(issuer.subject.attributes);
  certificate.setExtensions([
    ...extensions,
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(authority?.key ?? key), forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate), key };
}

/** An authority for the certificates of one cluster's brokers. */
export const newAuthority = (): Certificate =>
  issue(
    `Terrella cluster ${randomBytes(4).toString('hex')}`,
    [AUTHORITY_BITS, AUTHORITY_DAYS],
    [
      { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  );

/** A broker's certificate for the names and addresses under which it is reached. */
export const newServerCertificate = (authority: Certificate, hosts: readonly string[]): Certificate =>
  issue(
    hosts[0]!,
    [SERVER_BITS, SERVER_DAYS],
    [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: hosts.map((host) => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host })),
      },
    ],
    authority,
  );
