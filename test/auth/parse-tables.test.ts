import { hash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseHtpasswd } from '../../src/auth/parse-htpasswd.ts'
import { parseTokenTable } from '../../src/auth/parse-token-table.ts'
import { parseUserTable } from '../../src/auth/parse-user-table.ts'
import { RegateError } from '../../src/errors.ts'

/** The lines of the one error that tells everything. */
function problemsOf(parse: () => unknown): string[] {
  try {
    parse()
    return []
  } catch (error) {
    if (error instanceof RegateError && error.code === 'CONFIG_INVALID' && error.location)
      return error.message.split('\n')
    throw error
  }
}

const tokens = (text: string) => parseTokenTable('tokens.yaml', text)
const digest = hash('sha256', 'robot-secret', 'hex')

describe('tokens.yaml', () => {
  it('is read with every field', () => {
    const text = `
# a comment
demo: { plain: valid-token-123, subject: user-abc, roles: [admin, user] }
robot:
  sha256: ${digest}
  subject: robot
  groups: [machines]
  scopes: [read]
  email: robot@example.com
  name: The Robot
  expires: 2027-01-01
`
    const table = tokens(text)
    expect(table.get(digest)).toMatchObject({
      name: 'robot',
      untilMs: Date.UTC(2027, 0, 1),
      identity: {
        subject: 'robot',
        roles: [],
        groups: ['machines'],
        scopes: ['read'],
        email: 'robot@example.com',
        name: 'The Robot',
        authenticatedBy: 'token',
      },
    })
    expect(table.get(hash('sha256', 'valid-token-123', 'hex'))?.untilMs).toBe(Infinity)
  })

  it.each(['# nothing yet\n', '{}', '---\n'])('may be an empty table: %j', (text) => {
    expect(tokens(text).size).toBe(0)
  })

  it('tells every problem at its line and column, and quotes no token', () => {
    const text = `one: { plain: secret-one, subject: a, role: [x] }
two: { plain: secret-two, sha256: ${digest}, subject: b }
three: { subject: c }
four: { plain: secret-four, subject: 7, roles: admin }
five: { plain: "secret five", subject: e, email: nobody }
six: { sha256: abc, subject: f, expires: 2027-02-31 }
seven: { plain: secret-one, subject: g }
eight: { plain: secret-eight }
nine: secret-nine
`
    const problems = problemsOf(() => tokens(`${text.replace('nine: secret-nine\n', '')}`))
    expect(problems).toEqual([
      'tokens.yaml:1:39: one.role: unknown, expected one of plain, sha256, subject, expires, roles, groups, scopes, email, name',
      'tokens.yaml:2:1: two: either plain or sha256 is expected',
      'tokens.yaml:3:1: three: either plain or sha256 is expected',
      'tokens.yaml:4:38: four.subject: a non-empty text is expected (numbers and dates in quotes)',
      'tokens.yaml:4:48: four.roles: a list of non-empty texts is expected',
      'tokens.yaml:5:16: five.plain: only letters, digits and -._~+/ can be sent as a bearer token',
      'tokens.yaml:5:50: five.email: an address with one @ and an ASCII domain is expected',
      'tokens.yaml:6:16: six.sha256: 64 hexadecimal digits are expected',
      'tokens.yaml:6:42: six.expires: a date such as 2027-01-31 or 2027-01-31T12:00:00Z is expected',
      'tokens.yaml:7:17: seven.plain: same token as one',
      'tokens.yaml:8:1: eight.subject: missing',
    ])
    expect(problemsOf(() => tokens(text))).toEqual(['tokens.yaml:9:7: a mapping (name: value) is expected'])
  })

  it.each([
    'a: }secret',
    'a: x\n]secret: y',
    '%secret y\n---\na: b',
    'a: |9secret\n x',
    'a: !secret x',
    'a: *secret',
  ])('quotes nothing of a text that is not YAML: %j', (text) => {
    const problems = problemsOf(() => tokens(text))
    expect(problems[0]).toMatch(/^tokens\.yaml:\d+:\d+: \w/)
    expect(problems.join()).not.toContain('secret')
  })

  it('tells one token in two forms', () => {
    const text = `a: { plain: robot-secret, subject: a }\nb: { sha256: ${digest.toUpperCase()}, subject: b }`
    expect(problemsOf(() => tokens(text))).toEqual(['tokens.yaml:2:14: b.sha256: same token as a'])
  })

  it.each([
    ['a list', '- a'],
    ['a text', 'hello'],
    ['a name twice', 'a: { plain: x, subject: y }\na: { plain: z, subject: y }'],
    ['a field twice', 'a: { plain: x, plain: z, subject: y }'],
    ['a name twice within a field', 'a: { plain: x, subject: { b: 1, b: 2 } }'],
    ['one name in two spellings', '1: { plain: x, subject: y }\n"1": { plain: z, subject: y }'],
    ['an open bracket', 'a: { plain: x, subject: y'],
    ['a tag', 'a: !!js/function { plain: x, subject: y }'],
    ['a null row', 'a:'],
    ['a null field', 'a: { plain: x, subject: }'],
    ['two documents', 'a: { plain: x, subject: y }\n---\nb: { plain: z, subject: y }'],
    ['an alias of nothing', 'a: *b'],
    ['a merge of rows', 'a: &a { plain: x, subject: y }\nb: { <<: *a }'],
    ['a number as token', 'a: { plain: 123, subject: y }'],
    ['a list as name', '[a]: { plain: x, subject: y }'],
    ['an expiry that is no date', 'a: { plain: x, subject: y, expires: tomorrow }'],
    ['an expiry that is a year', 'a: { plain: x, subject: y, expires: 2027 }'],
    ['an expiry without a zone', 'a: { plain: x, subject: y, expires: 2027-01-01T10:00:00 }'],
    ['an empty expiry', 'a: { plain: x, subject: y, expires: "" }'],
    ['an empty role', 'a: { plain: x, subject: y, roles: [""] }'],
    ['a null list', 'a: { plain: x, subject: y, roles: null }'],
    ['a control character', 'a: { plain: x, subject: "y\\n" }'],
    ['a bomb of aliases', bomb()],
  ])('is refused with %s', (_, text) => {
    expect(problemsOf(() => tokens(text))[0]).toMatch(/^tokens\.yaml:\d+:\d+: /)
  })

  it('may share lists by an alias', () => {
    const text = 'a: { plain: x, subject: a, roles: &all [r, s] }\nb: { plain: y, subject: b, roles: *all }'
    expect([...tokens(text).values()].map(({ identity }) => identity.roles)).toEqual([
      ['r', 's'],
      ['r', 's'],
    ])
  })

  it('gives names such as __proto__ no power', () => {
    const table = tokens('__proto__: { plain: x, subject: a }')
    expect([...table.values()]).toMatchObject([{ name: '__proto__' }])
    expect(
      problemsOf(() => tokens('a: { plain: x, subject: a, __proto__: { roles: [admin] } }')),
    ).toHaveLength(1)
  })
})

describe('users.yaml', () => {
  it('is read by user id, numbers too', () => {
    const users = parseUserTable(
      'users.yaml',
      'bob: { roles: [viewer], groups: [], name: Bob }\n1001: { roles: [x] }',
    )
    expect(users.get('bob')).toEqual({ roles: ['viewer'], groups: [], scopes: [], name: 'Bob' })
    expect(users.get('1001')?.roles).toEqual(['x'])
  })

  it('is refused with unknown fields and wrong types, all at once', () => {
    const problems = problemsOf(() =>
      parseUserTable('users.yaml', 'bob: { subject: x }\nann: { roles: { a: b } }'),
    )
    expect(problems).toEqual([
      'users.yaml:1:8: bob.subject: unknown, expected one of roles, groups, scopes, email, name',
      'users.yaml:2:15: ann.roles: a list of non-empty texts is expected',
    ])
  })
})

describe('htpasswd', () => {
  const bcrypt = '$2b$04$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde'

  it('is read with bcrypt lines of all three spellings', () => {
    const lines = ['2a', '2b', '2y'].map((version) => `user-${version}:${bcrypt.replace('2b', version)}`)
    const { hashes } = parseHtpasswd('htpasswd', `# users\r\n\n${lines.join('\r\n')}\n`)
    expect([...hashes.keys()]).toEqual(['user-2a', 'user-2b', 'user-2y'])
  })

  it.each([
    ['an MD5 line', 'bob:$apr1$abcdefgh$0123456789abcdefghij./'],
    ['a SHA-1 line', 'bob:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g='],
    ['a crypt line', 'bob:rqXexS6ZhobKA'],
    ['a plain line', 'bob:secret-text'],
    ['the variant 2x', `bob:${bcrypt.replace('2b', '2x')}`],
    ['a short hash', `bob:${bcrypt.slice(0, -1)}`],
    ['a long hash', `bob:${bcrypt}x`],
    ['a cost that takes minutes', `bob:${bcrypt.replace('$04$', '$31$')}`],
    ['a cost below 4', `bob:${bcrypt.replace('$04$', '$03$')}`],
    ['no user', `:${bcrypt}`],
    ['no colon', bcrypt],
    ['a control character', `b\u0007b:${bcrypt}`],
    ['a user twice', `bob:${bcrypt}`],
  ])('is refused with %s, at its line', (_, line) => {
    const text = `ann:${bcrypt}\n${line.startsWith('bob') && line.endsWith(bcrypt) ? `bob:${bcrypt}\n` : '#\n'}${line}\n`
    const problems = problemsOf(() => parseHtpasswd('htpasswd', text))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^htpasswd:3:1: /)
    expect(problems[0]).not.toContain('secret-text')
  })

  it('makes unknown users as costly as the costliest', () => {
    const { decoy } = parseHtpasswd('htpasswd', `a:${bcrypt}\nb:${bcrypt.replace('$04$', '$12$')}`)
    expect(decoy).toMatch(/^\$2b\$12\$.{53}$/)
  })
})

function bomb(): string {
  const rows = ['a: { plain: x, subject: y, roles: &l0 [x, x] }']
  for (let level = 1; level < 12; level += 1) {
    const aliases = Array(10)
      .fill(`*l${level - 1}`)
      .join(', ')
    rows.push(`r${level}: { plain: x${level}, subject: y, roles: &l${level} [${aliases}] }`)
  }
  return rows.join('\n')
}
