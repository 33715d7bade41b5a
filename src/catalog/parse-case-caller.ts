import { AUTHENTICATION_METHODS, type Identity } from '../decision/identity.ts'
import type { CaseCaller } from '../decision/request-case.ts'
import { parseCaseCertificate, read, readSeconds } from './parse-case-certificate.ts'
import type { YamlNode } from './parse-yaml.ts'
import {
  type Fields,
  quote,
  readFields,
  readObject,
  readText,
  readTexts,
  type Report,
} from './yaml-fields.ts'

const IDENTITY_FIELDS = [
  'subject',
  'roles',
  'groups',
  'scopes',
  'email',
  'name',
  'issuer',
  'audience',
  'client_id',
  'acr',
  'amr',
  'auth_time',
  'claims',
  'authenticated_by',
  'certificate',
] as const
const FIELDS = [...IDENTITY_FIELDS, 'jwt', 'token']

/** The callers that a case can name. */
export type Callers = ReadonlyMap<string, CaseCaller>

/** Parses `caller`: the name of a caller, or a caller written out. */
export function parseCaseCaller(node: YamlNode, callers: Callers, report: Report): CaseCaller | undefined {
  if (node.kind === 'map') return parseCaller(node, report)
  const name = readText(node, 'caller', report)
  return name === undefined ? undefined : findCaller(name, callers, (problem) => report(problem, node.at))
}

export function findCaller(
  name: string,
  callers: Callers,
  report: (problem: string) => void,
): CaseCaller | undefined {
  const caller = callers.get(name)
  if (caller === undefined)
    report(`no caller is named ${quote(name)}: write one of ${[...callers.keys()].slice(0, 20).join(', ')}`)
  return caller
}

/**
 * Parses one caller: an identity as the policy sees it (`subject` and what else is known), `jwt` with the claims of a token, or `token`
 * with the name of a static one.
 */
export function parseCaller(node: YamlNode, report: Report): CaseCaller | undefined {
  const fields = readFields(node, 'a caller', FIELDS, report)
  const kinds = ['subject', 'jwt', 'token'].filter((name) => fields.has(name))
  if (kinds.length !== 1) {
    if (node.kind === 'map')
      report('a caller has one of subject (with roles, groups …), jwt (claims) or token (its name)', node.at)
    return undefined
  }
  if (fields.has('subject')) return parseIdentity(fields, report)
  for (const { key, keyAt } of fields.values())
    if (!kinds.includes(key)) report(`${key} goes with subject; ${kinds.join('')} stands alone`, keyAt)
  const [jwt, token] = [fields.get('jwt'), fields.get('token')]
  if (jwt !== undefined) return { kind: 'claims', claims: readObject(jwt.value, 'jwt', report) }
  const name = token === undefined ? undefined : readText(token.value, 'token', report)
  return name === undefined ? undefined : { kind: 'token', name }
}

function parseIdentity(fields: Fields, report: Report): CaseCaller | undefined {
  const text = (name: string) => read(fields, name, readText, report)
  const texts = (name: string) => Object.freeze([...(read(fields, name, readTexts, report) ?? [])])
  const subject = text('subject')
  const [email, name, issuer] = [text('email'), text('name'), text('issuer')]
  const [clientId, acr] = [text('client_id'), text('acr')]
  const authTime = read(fields, 'auth_time', readSeconds, report)
  const certificate = read(fields, 'certificate', parseCaseCertificate, report)
  const identity: Identity = {
    subject: subject ?? '',
    ...(issuer === undefined ? {} : { issuer }),
    ...(fields.has('audience') ? { audience: texts('audience') } : {}),
    ...(clientId === undefined ? {} : { clientId }),
    roles: texts('roles'),
    groups: texts('groups'),
    scopes: texts('scopes'),
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
    ...(acr === undefined ? {} : { acr }),
    ...(fields.has('amr') ? { amr: texts('amr') } : {}),
    ...(authTime === undefined ? {} : { authTime }),
    claims: Object.freeze(read(fields, 'claims', readObject, report) ?? { __proto__: null }),
    authenticatedBy: readMethod(fields, report),
    ...(certificate === undefined ? {} : { certificate }),
  }
  return subject === undefined ? undefined : { kind: 'identity', identity: Object.freeze(identity) }
}

function readMethod(fields: Fields, report: Report): Identity['authenticatedBy'] {
  const entry = fields.get('authenticated_by')
  if (entry === undefined) return fields.has('certificate') ? 'certificate' : 'jwt'
  const text = readText(entry.value, 'authenticated_by', report)
  const method = AUTHENTICATION_METHODS.find((each) => each === text)
  if (method === undefined && text !== undefined)
    report(`authenticated_by is one of ${AUTHENTICATION_METHODS.join(', ')}`, entry.value.at)
  if (method !== undefined && method !== 'certificate' && fields.has('certificate'))
    report('a certificate goes with authenticated_by: certificate; no other method shows one', entry.value.at)
  return method ?? 'jwt'
}
