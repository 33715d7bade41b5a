import { expect, it } from 'vitest'
import { jsonBuiltins } from '../../../src/engine/builtins/json/json-builtins.ts'
import { askOpa, askTable, type Call } from './ask-opa.ts'
import { idleContext } from './idle-context.ts'

function patch(document: string, ...operations: string[]): Call {
  return ['json.patch', document, `[${operations.join(', ')}]`]
}

const CALLS: readonly Call[] = [
  ...[
    '{}',
    '{"indent": "  "}',
    '{"prefix": "> "}',
    '{"pretty": true}',
    '{"pretty": false, "indent": "x"}',
  ].map(
    (options): Call => [
      'json.marshal_with_options',
      '{"b": [1.0, {}, [], {"<&>": "\\u2028"}], "a": {3, 1}, 1: null}',
      options,
    ],
  ),
  ['json.marshal_with_options', '1', '{"prefix": "> "}'],
  ['json.marshal_with_options', '1', '{"pretty": 1}'],
  ['json.marshal_with_options', '1', '{"prefix": 1}'],
  ['json.marshal_with_options', '1', '{"other": 1}'],
  ['json.marshal_with_options', '1', '{1: 1}'],
  ['json.marshal_with_options', '1', '[]'],
  ['json.marshal_with_options', '["a,b", "c:d", "[{\\"e\\\\"]', '{"pretty": true}'],
  ['json.marshal_with_options', '{"a": {}, "b": {"c": []}}', '{"indent": "", "prefix": ""}'],
  patch('{"a": 1}', '{"op": "add", "path": "/b", "value": 2}'),
  patch('{"a": 1}', '{"op": "add", "path": "b/c", "value": 2}'),
  patch('{"a": 1}', '{"op": "add", "path": "//a", "value": 2}'),
  patch('{"a": 1}', '{"op": "add", "path": "", "value": [2]}'),
  patch('{"a/b": {"c~d": 1}}', '{"op": "remove", "path": "/a~1b/c~0d"}'),
  patch('{"a": 1}', '{"op": "remove", "path": "/b"}'),
  patch('{"a": 1}', '{"op": "replace", "path": "/a", "value": null}'),
  patch('{"a": 1}', '{"op": "replace", "path": "/a"}'),
  patch('{"a": 1}', '{"op": "test", "path": "/a", "value": 1.0}'),
  patch('{"a": 1}', '{"op": "test", "path": "/a", "value": "1"}'),
  patch('{"a": 1}', '{"op": "strip", "path": "/a"}'),
  patch('{"a": 1}', '{"op": 1, "path": "/a"}'),
  patch('{"a": 1}', '{"path": "/a"}'),
  patch('{"a": 1}', '{"op": "remove"}'),
  patch('{"a": 1}', '{"op": "remove", "path": 1}'),
  patch('{"a": 1}', '1'),
  patch(
    '{"a": {"x": 1}}',
    '{"op": "copy", "from": "a", "path": "b"}',
    '{"op": "move", "from": "a/x", "path": "b/z"}',
  ),
  patch('{"a": {"x": 1}}', '{"op": "move", "from": "a", "path": "a/b"}'),
  patch('{"a": {"x": 1}}', '{"op": "copy", "path": "b"}'),
  ...[
    '0',
    '1',
    '3',
    '4',
    '-',
    '-1',
    '01',
    '+1',
    '1.0',
    '1e0',
    '-0',
    '.',
    'x',
    '',
    '99999999999999999999',
  ].map((index) => patch('[1, 2, 3]', `{"op": "add", "path": "/${index}", "value": 9}`)),
  ...['0', '2', '3', '-'].map((index) => patch('[1, 2, 3]', `{"op": "remove", "path": "/${index}"}`)),
  patch('[1, 2, 3]', '{"op": "remove", "path": [1.0]}'),
  patch('[1, 2, 3]', '{"op": "remove", "path": [1.5]}'),
  patch(
    '[{"a": 1}, {"b": 2}]',
    '{"op": "add", "path": "/0", "value": 5}',
    '{"op": "add", "path": "/1/c", "value": 3}',
  ),
  patch(
    '[{"a": 1}, {"b": 2}]',
    '{"op": "remove", "path": "/0"}',
    '{"op": "test", "path": "/0", "value": {"b": 2}}',
  ),
  patch(
    '[[1], [2]]',
    '{"op": "add", "path": "/1/-", "value": 3}',
    '{"op": "add", "path": "/1/0", "value": 4}',
  ),
  patch('{"a", "b"}', '{"op": "add", "path": "c", "value": "c"}', '{"op": "remove", "path": "a"}'),
  patch('{"a", "b"}', '{"op": "add", "path": "c", "value": "d"}'),
  patch('{"a", "b"}', '{"op": "remove", "path": "c"}'),
  patch('{"a", "b"}', '{"op": "test", "path": "a", "value": "a"}'),
  patch('{[1], [1, 2]}', '{"op": "add", "path": [[1], 1], "value": 2}'),
  patch(
    '{[1]}',
    '{"op": "add", "path": [[1], 1], "value": 2}',
    '{"op": "add", "path": [[1, 2], 2], "value": 3}',
  ),
  patch('{1}', '{"op": "remove", "path": [1.0]}'),
  patch('{{"a"}}', '{"op": "remove", "path": [{"a"}, "a"]}'),
  patch(
    '{1: {"x": 1}}',
    '{"op": "add", "path": [1, "y"], "value": 2}',
    '{"op": "test", "path": [1.0], "value": {"x": 1, "y": 2}}',
    '{"op": "remove", "path": [1]}',
  ),
  patch('{1: 2}', '{"op": "remove", "path": "1"}'),
  patch('"text"', '{"op": "add", "path": "a", "value": 2}'),
  patch('"text"', '{"op": "replace", "path": "", "value": {1}}'),
  patch(
    '{"__proto__": 1}',
    '{"op": "add", "path": "constructor", "value": 2}',
    '{"op": "remove", "path": "__proto__"}',
  ),
  ['json.patch', '{}', '{}'],
  ...[
    ['{"a": {"b": 1, "c": 2}}', '{"a": {"b": 1.0}}'],
    ['{"a": 1}', '{"b": 1}'],
    ['{"a": [1, 2, 3]}', '{"a": [2, 3]}'],
    ['{"a": {1, 2}}', '{"a": {1}}'],
    ['{"a": [1, 2]}', '{"a": {1}}'],
    ['{1, 2}', '{2.0}'],
    ['{{1}, 2}', '{{1}}'],
    ['[1, 1, 2, 1]', '[1, 2]'],
    ['[1, 1, 2]', '[1, 2, 1]'],
    ['[]', '[]'],
    ['[1]', '[]'],
    ['[]', 'set()'],
    ['[1]', 'set()'],
    ['[1, 1]', '{1, 2}'],
    ['[2, 3, 1]', '{1, 2}'],
    ['{1}', '[1]'],
    ['"ab"', '"a"'],
    ['{"__proto__": {"a": 1}}', '{"__proto__": {}}'],
    ['{}', '{"constructor": 1}'],
  ].map(([whole = '', part = '']): Call => ['object.subset', whole, part]),
]

it('patches, compares and writes JSON as OPA does', async () => {
  expect(askTable(jsonBuiltins, CALLS, idleContext)).toEqual(await askOpa(CALLS))
})

it('answers a patch with no value where OPA stops the process: the whole document removed', () => {
  expect(
    Object.values(askTable(jsonBuiltins, [patch('{}', '{"op": "remove", "path": ""}')], idleContext)),
  ).toEqual(['undefined'])
})

it('makes no text past its bound, however long the indent', () => {
  const deep = `${'['.repeat(500)}${']'.repeat(500)}`
  const call: Call = ['json.marshal_with_options', deep, `{"indent": "${' '.repeat(1_000_000)}"}`]
  expect(() => askTable(jsonBuiltins, [call], idleContext)).toThrow(/past 16,777,216/)
})
