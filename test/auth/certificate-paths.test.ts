import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  alternativeNames,
  ANY,
  basicConstraints,
  CLIENT,
  der,
  directory,
  dns,
  email,
  extendedKeyUsage,
  extension,
  ip,
  type Issued,
  keyUsage,
  makeAuthority,
  makeCertificate,
  makeKeys,
  makeList,
  nameConstraints,
  nameOf,
  NOW_MS,
  oid,
  otherName,
  SERVER,
  seq,
  uri,
} from './make-authority.ts'
import { openCertificates } from './open-certificates.ts'

const root = makeAuthority()
const middle = makeAuthority('Middle', { issuer: root })
const UNTRUSTED = 'CERTIFICATE_UNTRUSTED'
const EXPIRED = 'CERTIFICATE_EXPIRED'
const HOUR_MS = 3_600_000
const PSS = { modulusLength: 2048, hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256' }
const UNKNOWN = '1.3.6.1.4.1.99999.1'

const { ask } = openCertificates({ ca: root.pem })

/** A caller below a middle authority with other extensions. */
function below(extensions: readonly Buffer[], leaf: Parameters<typeof makeCertificate>[0] = {}): Issued[] {
  const authority = makeAuthority('Odd', { issuer: root, extensions })
  return [makeCertificate({ issuer: authority, ...leaf }), authority]
}

describe('a path', () => {
  it('leads from the caller straight to an authority', () => {
    expect(ask(makeCertificate({ issuer: root }))).toBe('ann')
  })

  it('leads over authorities that the client has shown, in any order, also beside others', () => {
    const inner = makeAuthority('Inner', { issuer: middle })
    const leaf = makeCertificate({ issuer: inner })
    expect(ask(leaf, inner, middle)).toBe('ann')
    expect(ask(leaf, middle, makeAuthority('Other'), inner)).toBe('ann')
    expect(ask(leaf, inner, middle, root)).toBe('ann')
    expect(ask(leaf, inner)).toBe(UNTRUSTED)
  })

  it('leads over authorities of the file, which need not be shown', () => {
    const bed = openCertificates({ ca: root.pem + middle.pem })
    expect(bed.ask(makeCertificate({ issuer: middle }))).toBe('ann')
  })

  it('ends at an authority of the file whose own issuer is not there', () => {
    const bed = openCertificates({ ca: middle.pem })
    expect(bed.ask(makeCertificate({ issuer: middle }))).toBe('ann')
    expect(bed.ask(makeCertificate({ issuer: root }))).toBe(UNTRUSTED)
  })

  it('may be the second of two with the same issuer', () => {
    const keys = makeKeys()
    const old = makeAuthority('Middle', { issuer: root, keys, untilMs: NOW_MS - 1000 })
    const renewed = makeAuthority('Middle', { issuer: root, keys })
    const leaf = makeCertificate({ issuer: renewed })
    expect(ask(leaf, old, renewed)).toBe('ann')
    expect(ask(leaf, old)).toBe(EXPIRED)
  })

  it.each([
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['RSA for PSS', generateKeyPairSync('rsa-pss', PSS)],
    ['Ed25519', generateKeyPairSync('ed25519')],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['P-521', generateKeyPairSync('ec', { namedCurve: 'P-521' })],
  ])('may have keys of the kind %s', (_, keys) => {
    const authority = makeAuthority('Root', { keys })
    const bed = openCertificates({ ca: authority.pem, crl: makeList(authority) })
    expect(bed.ask(makeCertificate({ issuer: authority, keys }))).toBe('ann')
  })
})

const otherRoot = makeAuthority()
const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const rsaRoot = makeAuthority('RSA', { keys: rsa })
const oddCurve = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })

describe('refused is', () => {
  const noConstraints = [keyUsage(5, 6)]
  const cases: readonly (readonly [string, readonly Issued[]])[] = [
    ['a certificate of another authority', [makeCertificate({ issuer: makeAuthority('Other') })]],
    ['one of an authority with the same name and another key', [makeCertificate({ issuer: otherRoot })]],
    ['the same with that authority shown', [makeCertificate({ issuer: otherRoot }), otherRoot]],
    ['one that has signed itself', [makeCertificate()]],
    ['one that has signed itself under the name of the authority', [makeCertificate({ subject: 'Root' })]],
    ['the certificate of the authority', [root]],
    ['the certificate of an authority below it', [middle]],
    ['a caller with CA:TRUE', [makeCertificate({ issuer: root, extensions: [basicConstraints(true)] })]],
    ['a caller below an issuer without basicConstraints', below(noConstraints)],
    ['a caller below an issuer with CA:FALSE', below([basicConstraints(false), keyUsage(5)])],
    ['a caller below another caller', below([keyUsage(0), extendedKeyUsage(CLIENT)])],
    [
      'a caller below an issuer that may not sign certificates',
      below([basicConstraints(true), keyUsage(0, 6)]),
    ],
    [
      'a caller below an issuer for servers',
      below([basicConstraints(true), keyUsage(5), extendedKeyUsage(SERVER)]),
    ],
    [
      'a caller below an issuer with an unknown critical extension',
      below([basicConstraints(true), keyUsage(5), extension(UNKNOWN, seq(), true)]),
    ],
    [
      'an unknown critical extension',
      [makeCertificate({ issuer: root, extensions: [extension(UNKNOWN, seq(), true)] })],
    ],
    [
      'critical CRL distribution points',
      [makeCertificate({ issuer: root, extensions: [extension('2.5.29.31', seq(), true)] })],
    ],
    [
      'an extended key usage for servers',
      [makeCertificate({ issuer: root, extensions: [extendedKeyUsage(SERVER)] })],
    ],
    [
      'an extended key usage for everything',
      [makeCertificate({ issuer: root, extensions: [extendedKeyUsage(ANY)] })],
    ],
    ['an empty extended key usage', [makeCertificate({ issuer: root, extensions: [extendedKeyUsage()] })]],
    ['a key usage without signatures', [makeCertificate({ issuer: root, extensions: [keyUsage(2, 4)] })]],
    ['an RSA key of 1024 bits', [makeCertificate({ issuer: root, keys: small })]],
    ['an unusual curve', [makeCertificate({ issuer: root, keys: oddCurve })]],
    ['an ECDSA signature with SHA-1', [makeCertificate({ issuer: root, hash: 'sha1' })]],
  ]
  it.each(cases)('%s', (_, certificates) => {
    expect(ask(...certificates)).toBe(UNTRUSTED)
  })

  it.each(['sha1', 'md5'])('an RSA signature with %s', (hash) => {
    const bed = openCertificates({ ca: rsaRoot.pem })
    expect(bed.ask(makeCertificate({ issuer: rsaRoot }))).toBe('ann')
    expect(bed.ask(makeCertificate({ issuer: rsaRoot, hash }))).toBe(UNTRUSTED)
  })

  it('a signature of which one bit is wrong', () => {
    const leaf = Buffer.from(makeCertificate({ issuer: root }).der)
    leaf[leaf.length - 5] = 255 - (leaf.at(-5) ?? 0)
    expect(ask(leaf)).toBe(UNTRUSTED)
  })

  it('what an authority of the file with a weak key, for servers alone or with an unknown critical extension has issued', () => {
    for (const options of [
      { keys: small },
      { extensions: [basicConstraints(true), extendedKeyUsage(SERVER)] },
      { extensions: [basicConstraints(true), extension(UNKNOWN, seq(), true)] },
    ]) {
      const authority = makeAuthority('Odd', options)
      const bed = openCertificates({ ca: authority.pem })
      expect(bed.ask(makeCertificate({ issuer: authority }))).toBe(UNTRUSTED)
    }
  })

  it.each(['root', 'middle'])('what is below an expired %s, or one not valid yet', (which) => {
    for (const times of [{ untilMs: NOW_MS - 1000 }, { fromMs: NOW_MS + 1000 }]) {
      const [upper, lower] = which === 'root' ? [times, {}] : [{}, times]
      const authority = makeAuthority('Root', upper)
      const between = makeAuthority('Middle', { issuer: authority, ...lower })
      const bed = openCertificates({ ca: authority.pem })
      expect(bed.ask(makeCertificate({ issuer: between }), between)).toBe(EXPIRED)
    }
  })

  it('a certificate of which an extension stands there twice', () => {
    const twice = makeCertificate({ issuer: root, extensions: [keyUsage(0), keyUsage(0)] })
    expect(ask(twice)).toBe('CERTIFICATE_MALFORMED')
  })
})

describe('the time', () => {
  it('counts to the second at both ends', () => {
    const bed = openCertificates({ ca: root.pem })
    const leaf = makeCertificate({ issuer: root, fromMs: NOW_MS, untilMs: NOW_MS + HOUR_MS })
    for (const [nowMs, answer] of [
      [NOW_MS - 1, EXPIRED],
      [NOW_MS, 'ann'],
      [NOW_MS + HOUR_MS, 'ann'],
      [NOW_MS + HOUR_MS + 1, EXPIRED],
    ] as const) {
      bed.clock.nowMs = nowMs
      bed.edit({})
      expect(bed.ask(leaf)).toBe(answer)
    }
  })
})

describe('pathLenConstraint', () => {
  const constrained = (length: number) =>
    makeAuthority('Constrained', { issuer: root, extensions: [basicConstraints(true, length), keyUsage(5)] })

  it('bounds the authorities below, and not the caller', () => {
    for (const length of [0, 1, 2]) {
      const chain: Issued[] = [constrained(length)]
      for (const depth of [0, 1, 2]) {
        const [issuer = root] = chain
        expect(ask(makeCertificate({ issuer }), ...chain)).toBe(depth <= length ? 'ann' : UNTRUSTED)
        chain.unshift(makeAuthority(`Depth ${depth}`, { issuer }))
      }
    }
  })

  it('bounds from the root too', () => {
    const authority = makeAuthority('Flat', { extensions: [basicConstraints(true, 0), keyUsage(5)] })
    const between = makeAuthority('Middle', { issuer: authority })
    const bed = openCertificates({ ca: authority.pem })
    expect(bed.ask(makeCertificate({ issuer: authority }))).toBe('ann')
    expect(bed.ask(makeCertificate({ issuer: between }), between)).toBe(UNTRUSTED)
  })

  it('that is negative allows nothing', () => {
    const odd = below([basicConstraints(true, 255), keyUsage(5)])
    expect(ask(...odd)).toBe(UNTRUSTED)
  })
})

describe('name constraints', () => {
  const organisation = (name: string) => nameOf(['2.5.4.10', name])
  const ann = (name: string) => nameOf(['2.5.4.10', name], ['2.5.4.3', 'ann'])
  const x400 = () => der(0xa3)

  async function judge(
    permitted: Buffer[],
    excluded: Buffer[],
    names: Buffer[],
    subject: string | Buffer = 'ann',
  ) {
    const extensions = [basicConstraints(true), keyUsage(5), nameConstraints(permitted, excluded)]
    return ask(
      ...below(extensions, {
        subject,
        extensions: [extendedKeyUsage(CLIENT), ...(names.length === 0 ? [] : [alternativeNames(...names)])],
      }),
    )
  }

  it.each([
    ['dns', dns('example.com'), [dns('example.com'), dns('a.b.Example.COM'), dns('a.example.com.')]],
    ['dns below', dns('.example.com'), [dns('a.example.com')]],
    ['mail of a host', email('example.com'), [email('bob@example.com'), email('bob@EXAMPLE.com')]],
    ['mail of a domain', email('.example.com'), [email('bob@a.example.com')]],
    ['one mail address', email('bob@example.com'), [email('bob@example.com')]],
    [
      'uri',
      uri('example.com'),
      [uri('https://example.com/x'), uri('spiffe://example.com'), uri('https://u@example.com:1/')],
    ],
    ['uri below', uri('.example.com'), [uri('https://a.example.com/')]],
    ['ip', ip(10, 0, 0, 0, 255, 0, 0, 0), [ip(10, 1, 2, 3)]],
    ['directory', directory(organisation('Example')), [directory(ann('EXAMPLE'))]],
  ])('%s: what is within is permitted, and refused where it is excluded', async (kind, base, names) => {
    const subject = kind === 'directory' ? ann('example') : 'ann'
    expect(await judge([base], [], names, subject)).toBe('ann')
    for (const name of names) expect(await judge([], [base], [name], subject)).toBe(UNTRUSTED)
  })

  it.each([
    ['dns', dns('example.com'), [dns('badexample.com'), dns('example.com.evil.com'), dns('com')]],
    ['dns below', dns('.example.com'), [dns('aexample.com')]],
    [
      'mail of a host',
      email('example.com'),
      [email('bob@a.example.com'), email('bob@badexample.com'), email('a@example.com@evil.com')],
    ],
    ['mail of a domain', email('.example.com'), [email('bob@example.com'), email('bob@xexample.com')]],
    ['one mail address', email('bob@example.com'), [email('eve@example.com'), email('Bob@example.com')]],
    [
      'uri',
      uri('example.com'),
      [
        uri('https://a.example.com/'),
        uri('https://evil.com/example.com'),
        uri('https://example.com@evil.com/'),
        uri('https://evil.com#@example.com'),
      ],
    ],
    ['uri below', uri('.example.com'), [uri('https://example.com/')]],
    ['ip', ip(10, 0, 0, 0, 255, 0, 0, 0), [ip(11, 1, 2, 3), ip(...Array<number>(16).fill(10))]],
    ['directory', directory(organisation('Example')), [directory(ann('Evil'))]],
  ])('%s: what is not within is not permitted', async (kind, base, names) => {
    const subject = kind === 'directory' ? ann('Example') : 'ann'
    for (const name of names) expect(await judge([base], [], [name], subject)).toBe(UNTRUSTED)
  })

  it.each([
    ['a URI without a host', [uri('example.com')], [uri('urn:uuid:1')]],
    ['a URI with an address', [uri('example.com')], [uri('https://10.0.0.1/')]],
    ['a mail name without @', [email('example.com')], [email('bob')]],
  ])('%s passes neither as permitted nor as not excluded', async (_, bases, names) => {
    expect(await judge(bases, [], names)).toBe(UNTRUSTED)
    expect(await judge([], bases, names)).toBe(UNTRUSTED)
  })

  it('do not concern names of another kind', async () => {
    expect(
      await judge([dns('example.com')], [email('evil.com')], [uri('https://x.test/'), email('a@b.test')]),
    ).toBe('ann')
  })

  it('concern the subject, the mail address in it, and every one of several names', async () => {
    const mail = nameOf(['2.5.4.3', 'ann'], ['1.2.840.113549.1.9.1', 'ann@evil.com'])
    expect(await judge([directory(organisation('Example'))], [], [], ann('Evil'))).toBe(UNTRUSTED)
    expect(await judge([], [directory(organisation('Evil'))], [], ann('evil'))).toBe(UNTRUSTED)
    expect(await judge([email('example.com')], [], [], mail)).toBe(UNTRUSTED)
    expect(await judge([], [email('evil.com')], [email('ann@example.com')], mail)).toBe(UNTRUSTED)
    expect(await judge([dns('example.com')], [], [dns('example.com'), dns('evil.com')])).toBe(UNTRUSTED)
  })

  it('of several authorities hold together, those of the root too', () => {
    const constraints = (name: string) => [basicConstraints(true), keyUsage(5), nameConstraints([dns(name)])]
    const authority = makeAuthority('Constrained', { extensions: constraints('example.com') })
    const between = makeAuthority('Wider', { issuer: authority, extensions: constraints('com') })
    const bed = openCertificates({ ca: authority.pem })
    const show = (name: string) => {
      const extensions = [alternativeNames(dns(name))]
      return bed.ask(makeCertificate({ issuer: between, extensions }), between)
    }
    expect(show('a.example.com')).toBe('ann')
    expect(show('evil.com')).toBe(UNTRUSTED)
  })

  it.each([
    ['another kind', nameConstraints([], [otherName()])],
    ['X.400', nameConstraints([x400()])],
    ['an address without a mask', nameConstraints([], [ip(10, 0, 0, 0)])],
    ['a pattern of hosts', nameConstraints([], [dns('*.evil.com')])],
    ['mail behind an @', nameConstraints([], [email('@evil.com')])],
    ['mail of all hosts below one for one user', nameConstraints([], [email('bob@.evil.com')])],
    ['a whole URI', nameConstraints([], [uri('https://evil.com/')])],
    [
      'a minimum',
      extension('2.5.29.30', seq(der(0xa1, seq(dns('evil.com'), der(0x80, Buffer.from([1]))))), true),
    ],
  ])('with %s are not understood, and refuse all', (_, constraints) => {
    expect(ask(...below([basicConstraints(true), keyUsage(5), constraints]))).toBe(UNTRUSTED)
  })
})

describe('certificate policies', () => {
  const policies = (...ids: string[]) => extension('2.5.29.32', seq(...ids.map((id) => seq(oid(id)))))

  it('may be any', () => {
    const some = [basicConstraints(true), keyUsage(5), policies('1.2.3.4')]
    expect(ask(...below(some, { extensions: [policies('1.2.3.5')] }))).toBe('ann')
  })

  it.each(['2.5.29.33', '2.5.29.36', '2.5.29.54'])(
    'are not understood where an authority has rules about them, critical or not: %s',
    (id) => {
      for (const critical of [true, false]) {
        const rule = extension(id, seq(der(0x80, Buffer.from([0]))), critical)
        expect(ask(...below([basicConstraints(true), keyUsage(5), rule]))).toBe(UNTRUSTED)
      }
    },
  )
})

describe('many certificates', () => {
  it('that look alike, or have issued each other, are judged in bounded work', () => {
    const keys = makeKeys()
    const alike = Array.from({ length: 9 }, () => makeAuthority('Loop', { keys }))
    const [first = root] = alike
    expect(ask(makeCertificate({ issuer: first }), ...alike)).toBe(UNTRUSTED)

    const pairs = Array.from({ length: 3 }, (_, index) => ({ name: `Loop ${index}`, keys: makeKeys() }))
    const crossed = pairs.flatMap(({ name, keys: own }) =>
      pairs
        .filter((other) => other.name !== name)
        .map((other) =>
          makeAuthority(name, {
            keys: own,
            issuer: { keys: other.keys, name: nameOf(['2.5.4.3', other.name]) },
          }),
        ),
    )
    const [start = root] = crossed
    expect(ask(makeCertificate({ issuer: start }), ...crossed)).toBe(UNTRUSTED)

    const wrong = Array.from({ length: 9 }, () => makeAuthority('Loop'))
    const began = performance.now()
    expect(ask(makeCertificate({ issuer: first }), ...wrong)).toBe(UNTRUSTED)
    expect(performance.now() - began).toBeLessThan(5000)
  })

  it('cost no work with keys that no authority stands for: a few dozen signatures of slow keys take a second', () => {
    const spy = vi.spyOn(X509Certificate.prototype, 'verify')
    onTestFinished(() => spy.mockRestore())
    const caller = makeCertificate({ issuer: root, extensions: [] })
    const strangers = Array.from({ length: 9 }, () => ({ keys: makeKeys(), name: nameOf(['2.5.4.3', 'X']) }))
    const issuedByEachOther = strangers.map(({ keys, name }, index) =>
      makeAuthority(name, { keys, issuer: strangers[(index + 1) % 9] ?? root }),
    )
    const [first = root] = strangers
    expect(ask(makeCertificate({ issuer: first }), ...issuedByEachOther)).toBe(UNTRUSTED)
    const issuedByCaller = makeAuthority('Y', { issuer: caller })
    expect(ask(makeCertificate({ issuer: issuedByCaller }), issuedByCaller, caller)).toBe(UNTRUSTED)
    const used = spy.mock.calls.map(([key]) => key.export({ type: 'spki', format: 'pem' }))
    expect([...new Set(used)]).toEqual([root.keys.publicKey.export({ type: 'spki', format: 'pem' })])
  })

  it('may be in the file, beside the one that is wanted', () => {
    const issuing = Array.from({ length: 80 }, (_, index) =>
      makeAuthority(`Issuing ${index}`, { issuer: root }),
    )
    const bed = openCertificates({ ca: [root, ...issuing].map(({ pem }) => pem).join('') })
    for (const issuer of [issuing.at(-1) ?? root, root])
      expect(bed.ask(makeCertificate({ issuer }))).toBe('ann')
  })

  it('may lead round a loop to an authority', () => {
    const [one, two] = [makeKeys(), makeKeys()]
    const [oneName, twoName] = [nameOf(['2.5.4.3', 'One']), nameOf(['2.5.4.3', 'Two'])]
    const chain = [
      makeAuthority('One', { keys: one, issuer: { keys: two, name: twoName } }),
      makeAuthority('Two', { keys: two, issuer: { keys: one, name: oneName } }),
      makeAuthority('Two', { keys: two, issuer: root }),
    ]
    expect(ask(makeCertificate({ issuer: { keys: one, name: oneName } }), ...chain)).toBe('ann')
  })
})
