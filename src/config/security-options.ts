// The rows of the table of options that say who may come in, and how: TLS, certificates, SASL mechanisms. Part of
// options.ts, which is where they are read from.

import { option } from './option.ts'
import { file, oneOf, orElsewhere, orNone, portOrOff, someOf, text, wholeNumber } from './values.ts'

/** The options of TLS and logins, under the names that they have in the typed Config. */
export const securityOptions = {
  tlsPort: option({
    name: 'tls-port',
    kind: portOrOff,
    initial: 5671,
    placeholder: 'number',
    help: 'port for AMQP over TLS, once there is a certificate; 0 takes any free port, off opens none',
  }),
  httpsPort: option({
    name: 'https-port',
    kind: portOrOff,
    initial: 'off',
    placeholder: 'number',
    help: 'port for the HTTP API over TLS, with the same certificate (RabbitMQ has it on 15671); off opens none',
  }),
  tlsCert: option<string | null>({
    name: 'tls-cert',
    kind: orElsewhere(file),
    initial: null,
    initially: 'none: no TLS',
    placeholder: 'file',
    help: 'certificate in PEM, with those between it and its authority; read again when it changes',
  }),
  tlsKey: option<string | null>({
    name: 'tls-key',
    kind: orElsewhere(file),
    initial: null,
    initially: 'none',
    placeholder: 'file',
    help: 'private key of that certificate, in PEM',
  }),
  tlsKeyPass: option<string | null>({
    name: 'tls-key-pass',
    kind: orElsewhere(text(4096)),
    initial: null,
    initially: 'none',
    placeholder: 'password',
    help: 'password of an encrypted key; better given as a variable or its _FILE',
    fromFile: true,
    secret: true,
  }),
  tlsCa: option<string | null>({
    name: 'tls-ca',
    kind: orElsewhere(file),
    initial: null,
    initially: 'those that Node trusts',
    placeholder: 'file',
    help: 'authorities in PEM that the certificates of clients have to come from',
  }),
  tlsVerify: option({
    name: 'tls-verify',
    kind: oneOf('none', 'peer', 'require'),
    initial: 'none',
    placeholder: 'how',
    help: 'certificates of clients: none asks for none, peer checks one that is shown, require lets nobody in without',
  }),
  tlsMinVersion: option({
    name: 'tls-min-version',
    kind: oneOf('1.2', '1.3'),
    initial: '1.2',
    placeholder: 'version',
    help: 'oldest version of TLS that is spoken: 1.2 or 1.3',
  }),
  tlsCiphers: option<string | null>({
    name: 'tls-ciphers',
    kind: orElsewhere(text(4096)),
    initial: null,
    initially: "Node's",
    placeholder: 'list',
    help: 'cipher suites, as OpenSSL names them, colons between them',
  }),
  authMechanisms: option({
    name: 'auth-mechanisms',
    kind: someOf('PLAIN', 'AMQPLAIN', 'EXTERNAL'),
    initial: ['PLAIN', 'AMQPLAIN', 'EXTERNAL'],
    placeholder: 'names',
    help: 'ways to log in, commas between them; EXTERNAL (by certificate) is offered where a client has shown one',
  }),
  loginFailures: option({
    name: 'login-failures',
    kind: wholeNumber(0, 1_000_000, ' (0 is any number)'),
    initial: 20,
    placeholder: 'number',
    help: 'wrong passwords that an address may try in a minute, ten times as many from this machine; 0 is any number',
  }),
  passwordHashing: option({
    name: 'password-hashing',
    kind: oneOf('scrypt', 'sha256', 'sha512', 'md5'),
    initial: 'scrypt',
    placeholder: 'function',
    help: 'how new passwords are kept: scrypt is slow to guess; sha256, sha512 and md5 are those that RabbitMQ reads too',
  }),
  anonymousLoginUser: option<string | null>({
    name: 'anonymous-login-user',
    kind: orNone(text(255)),
    initial: null,
    initially: 'none',
    placeholder: 'name',
    help: 'user whom clients are that log in by ANONYMOUS, without a password; none offers that to nobody',
  }),
  certLoginFrom: option({
    name: 'cert-login-from',
    kind: oneOf('common_name', 'distinguished_name', 'subject_alternative_name'),
    initial: 'common_name',
    placeholder: 'part',
    help: 'part of a certificate that names the user: common_name, distinguished_name or subject_alternative_name',
  }),
  certLoginSanType: option({
    name: 'cert-login-san-type',
    kind: oneOf('dns', 'ip', 'email', 'uri', 'other_name'),
    initial: 'dns',
    placeholder: 'type',
    help: 'with subject_alternative_name: dns, ip, email, uri or other_name',
  }),
  certLoginSanIndex: option({
    name: 'cert-login-san-index',
    kind: wholeNumber(0, 1000),
    initial: 0,
    placeholder: 'number',
    help: 'with subject_alternative_name: which of that type, from 0',
  }),
}
