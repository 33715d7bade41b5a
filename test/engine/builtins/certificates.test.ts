import { expect, it } from 'vitest'
import { certificateBuiltins } from '../../../src/engine/builtins/certificate-builtins.ts'
import { type Answers, askOpa, askTable, type Call } from './ask-opa.ts'
import { element, extension, type Issued, issue, list, makeRequest, type Wish } from './certificate-bed.ts'
import { idleContext } from './idle-context.ts'
import { privatePems } from './token-bed.ts'

const CONTEXT = { ...idleContext, nowNs: () => BigInt(Date.now()) * 1_000_000n }
const AT = Date.parse('2025-01-01') * 1_000_000
const SERVER = '1.3.6.1.5.5.7.3.1'
const CLIENT = '1.3.6.1.5.5.7.3.2'
const HOSTILE = [
  1,
  null,
  [],
  {},
  '',
  'no',
  'bm8=',
  '-----BEGIN',
  '-----BEGIN CERTIFICATE-----',
  'MAA=',
  '////',
]

function ask(name: string, ...operands: unknown[]): Call {
  return [`crypto.${name}`, ...operands.map((operand) => JSON.stringify(operand))]
}

async function expectSame(calls: readonly Call[]): Promise<Answers> {
  const answers = await askOpa(calls)
  expect(askTable(certificateBuiltins, calls, CONTEXT)).toEqual(answers)
  return answers
}

function issueAll(...wishes: readonly Omit<Wish, 'issuer'>[]): readonly Issued[] {
  const chain: Issued[] = []
  for (const wish of wishes) {
    const issuer = chain.at(-1)
    chain.push(issue(issuer === undefined ? wish : { ...wish, issuer }))
  }
  return chain
}

const ROOT = { name: 'root', isAuthority: true }
const MIDDLE = { name: 'middle', isAuthority: true }
const LEAF = { name: 'leaf', names: [element(0x82, 'a.example.com')] }

/** `nameConstraints` with one subtree: permitted (0xa0) or excluded (0xa1). */
function constrain(kind: number, base: Buffer): Buffer {
  return extension('2.5.29.30', list(element(kind, list(base))).toString('hex'), true)
}

const NAMES = [
  element(0x82, 'a.example.com'),
  element(0x82, '*.b.example.com'),
  element(0x81, 'me@mail.example.com'),
  element(0x87, Buffer.from([10, 1, 2, 3])),
  element(0x87, Buffer.from(`20010db8${'0'.repeat(23)}1`, 'hex')),
  element(0x86, 'https://u:p@h.example.com:8443/a%20b/%7Ec?x=1#f%20g'),
  element(0x86, 'spiffe://h.example.com'),
]

it('shows certificates in the shape of Go', async () => {
  const unknown = extension('1.2.3.4', '0500', true)
  const [root, leaf] = issueAll(ROOT, {
    ...LEAF,
    names: NAMES,
    usages: [CLIENT, '1.2.3'],
    extensions: [unknown],
  })
  const constrained = issue({
    ...MIDDLE,
    extensions: [constrain(0xa0, element(0x87, Buffer.from('0a000000ff000000', 'hex')))],
  })
  const pem = [root, leaf, constrained].map((issued) => issued?.pem ?? '')
  const twice = issue({ ...MIDDLE, extensions: [unknown, unknown] })
  const texts = [
    ...pem,
    pem.join(''),
    pem.join('text\n'),
    Buffer.from(pem.join('')).toString('base64'),
    twice.pem,
    ...HOSTILE,
  ]
  const der = (pem[1] ?? '').replaceAll(/-----.*-----|\n/g, '')
  await expectSame(
    [...texts, der, `${der}AAAA`, `${der.slice(0, -8)}`].map((text) => ask('x509.parse_certificates', text)),
  )
})

it('reads no certificate that Go refuses: bytes changed one by one', async () => {
  const { pem } = issue({ ...LEAF, isAuthority: true, names: NAMES, usages: [SERVER] })
  const der = Buffer.from(pem.replaceAll(/-----.*-----|\n/g, ''), 'base64')
  const changed = (at: number, byte: number) =>
    Buffer.from(der.map((old, place) => (place === at ? byte : old)))
  const texts = Array.from({ length: 300 }, (_, turn) => {
    const at = Math.floor((turn * der.length) / 300)
    const byte = [0x30, 0x81, 0x00, 0xff, 0x02, 0x80, (der[at] ?? 0) ^ 1, (der[at] ?? 0) + 1][turn % 8] ?? 0
    return changed(at, byte).toString('base64')
  })
  await expectSame(texts.map((text) => ask('x509.parse_certificates', text)))
}, 20_000)

it('verifies chains as Go does: order, dates, authority, lengths, usages, hosts', async () => {
  const good = issueAll(ROOT, MIDDLE, LEAF)
  const chains = [
    good,
    good.toReversed(),
    good.slice(1),
    [good[0], good[2]],
    [good[0], good[0]],
    good.slice(0, 1),
    [good[0], good[1], good[1], good[1], good[2]],
    issueAll(ROOT, { ...MIDDLE, isAuthority: false }, LEAF),
    issueAll({ ...ROOT, pathLength: 0 }, MIDDLE, LEAF),
    issueAll({ ...ROOT, pathLength: 1 }, MIDDLE, LEAF),
    issueAll(ROOT, { ...MIDDLE, keyUsage: '80' }, LEAF),
    issueAll(ROOT, { ...MIDDLE, notAfter: '210101000000Z' }, LEAF),
    issueAll(ROOT, { ...MIDDLE, usages: [CLIENT] }, { ...LEAF, usages: [CLIENT, SERVER] }),
    issueAll(ROOT, MIDDLE, { ...LEAF, extensions: [extension('1.2.3.4', '0500', true)] }),
    [good[0], issueAll(ROOT, MIDDLE)[1], good[2]],
  ]
  const options = [
    {},
    { KeyUsages: ['KeyUsageAny'] },
    { KeyUsages: ['KeyUsageClientAuth'] },
    { KeyUsages: ['No'] },
    { KeyUsages: 1 },
    ...['a.example.com', 'A.Example.com.', 'b.example.com', '10.1.2.3', '', '[::1]'].map((DNSName) => ({
      DNSName,
    })),
    { CurrentTime: 0 },
    { CurrentTime: 'x' },
    { CurrentTime: 1e30 },
    { MaxConstraintComparisons: 1 },
    { Other: 1 },
    [],
  ]
  const texts = chains.map((chain) => chain.map((issued) => issued?.pem ?? '').join(''))
  const answers = await expectSame([
    ...[...texts, ...HOSTILE].map((text) => ask('x509.parse_and_verify_certificates', text)),
    ...texts.map((text) => ask('x509.parse_and_verify_certificates_with_options', text, { CurrentTime: AT })),
    ...options.map((one) =>
      ask(
        'x509.parse_and_verify_certificates_with_options',
        texts[0],
        Array.isArray(one) ? one : { CurrentTime: AT, ...one },
      ),
    ),
  ])
  expect(Object.values(answers).filter((answer) => answer.startsWith('[true')).length).toBeGreaterThan(5)
}, 20_000)

it('keeps names to the constraints of the authorities above', async () => {
  const networks = [
    '0a000000ff000000',
    '0b000000ff000000',
    `20010db8${'0'.repeat(24)}ffffffff${'0'.repeat(24)}`,
  ]
  const hosts = [
    'example.com',
    '.example.com',
    'a.example.com',
    'EXAMPLE.com',
    'other.com',
    '',
    'b.example.com',
    'c.b.example.com',
  ]
  const mails = [
    'example.com',
    'mail.example.com',
    '.example.com',
    'me@mail.example.com',
    'you@mail.example.com',
  ]
  const bases = [
    ...hosts.map((host) => element(0x82, host)),
    ...mails.map((mail) => element(0x81, mail)),
    ...['h.example.com', '.example.com', 'example.com'].map((host) => element(0x86, host)),
    ...networks.map((network) => element(0x87, Buffer.from(network, 'hex'))),
    element(0x88, Buffer.from([42, 3])),
  ]
  const chains = bases.flatMap((base) =>
    [0xa0, 0xa1].map((kind) =>
      issueAll(ROOT, { ...MIDDLE, extensions: [constrain(kind, base)] }, { ...LEAF, names: NAMES }),
    ),
  )
  const calls = chains.map((chain) =>
    ask('x509.parse_and_verify_certificates_with_options', chain.map(({ pem }) => pem).join(''), {
      CurrentTime: AT,
    }),
  )
  const verdicts = Object.values(await expectSame(calls)).map((answer) => answer.startsWith('[true'))
  expect(new Set(verdicts)).toEqual(new Set([true, false]))
}, 20_000)

it('reads requests and private keys as Go does', async () => {
  const request = makeRequest(NAMES)
  const { pem, key } = issue(LEAF)
  const own = String(key.export({ format: 'pem', type: 'pkcs8' }))
  const pems = [own, ...(['rsa', 'p256', 'p384', 'p521', 'ed25519'] as const).flatMap(privatePems)]
  const texts = [...pems, ...HOSTILE, pems.join('\n'), Buffer.from(own).toString('base64'), pem, request]
  await expectSame([
    ...[request, Buffer.from(request).toString('base64'), pem, ...HOSTILE].map((text) =>
      ask('x509.parse_certificate_request', text),
    ),
    ...texts.flatMap((text) => [
      ask('parse_private_keys', text),
      ask('x509.parse_rsa_private_key', text),
      ask('x509.parse_keypair', pem, text),
      ask('x509.parse_keypair', text, own),
    ]),
  ])
})

it('stays quick on texts that are large and hollow', () => {
  const started = performance.now()
  const hollow = [
    `-----BEGIN ${'\n-----END '.repeat(1e5)}`,
    `-----BEGIN CERTIFICATE-----\n${' '.repeat(1e6)}x`,
    'MAAA'.repeat(2e5),
    'A'.repeat(1e6),
  ]
  for (const name of Object.keys(certificateBuiltins)) {
    for (const text of hollow) certificateBuiltins[name]?.([text, text], CONTEXT)
  }
  expect(performance.now() - started).toBeLessThan(3000)
})
