import { describe, expect, it } from 'vitest'
import { textBuiltins } from '../../../src/engine/builtins/text-builtins.ts'
import { askOpa, askTable } from './ask-opa.ts'
import type { Call } from './ask-opa.ts'
import { idleContext } from './idle-context.ts'

const quote = (text: string) => JSON.stringify(text)

/** Of a builtin that takes texts. */
function callsOf(name: string, rows: readonly (readonly (string | number)[])[]): Call[] {
  return rows.map((row) => [
    name,
    ...row.map((operand) => (typeof operand === 'string' ? quote(operand) : `${operand}`)),
  ])
}

const SEARCHES: readonly Call[] = [
  ...callsOf('indexof_n', [
    ['😀a😀a', 'a'],
    ['aaaa', 'aa'],
    ['ababab', 'abab'],
    ['é😀é', 'é'],
    ['abc', ''],
    ['', 'a'],
    ['abc', 'abcd'],
  ]),
  ...callsOf('strings.count', [
    ['aaaa', 'aa'],
    ['é😀', ''],
    ['', ''],
    ['cheese', 'e'],
    ['', 'a'],
  ]),
  ...callsOf(
    'strings.split_n',
    [0, 1, 2, 3, 9, -1, -2, -9].flatMap((count) => [
      ['a.b.c', '.', count],
      ['é😀x', '', count],
      ['', '.', count],
      ['', '', count],
    ]),
  ),
  ['strings.split_n', '"a.b"', '"."', '1.0'],
  ['strings.split_n', '"a.b"', '"."', '1e0'],
  ['strings.split_n', '"a.b"', '"."', '9223372036854775807'],
  ['strings.split_n', '"a.b"', '"."', '-9223372036854775808'],
  ['strings.split_n', '"a.b"', '"."', '9223372036854775808'],
  ...['strings.any_prefix_match', 'strings.any_suffix_match'].flatMap((name): Call[] => [
    [name, '"abc"', '"ab"'],
    [name, '"abc"', '["bc", "ab"]'],
    [name, '{"xyz", "abc"}', '{"q", "abcd", "yz"}'],
    [name, '["a/b/c", "e/f/g"]', '["e/f", "f/g"]'],
    [name, '[]', '["a"]'],
    [name, '["a"]', '[]'],
    [name, '""', '[""]'],
    [name, '["ab"]', '[1, "a"]'],
    [name, '[1]', '["a"]'],
    [name, '{"a": "b"}', '"a"'],
    [name, '"a"', 'null'],
    [name, '"é😀"', '["😀", "é"]'],
  ]),
]

const PATTERNS: readonly Call[] = [
  ...callsOf('regex.find_n', [
    ['a*', 'baaa', -1],
    ['a', 'aaa', 2],
    ['a', 'aaa', 0],
    ['', 'é😀', -1],
    ['^.$', '😀', -1],
    ['(?i)FOO', 'foo', -1],
    ['\\bb', 'ab b', -1],
    ['(?P<x>a)(?P<x>b)', 'ab', -1],
    ['\\p{letter}+\\p{Decimal_Number}', 'é1', -1],
    ['\\p{Old_Italic}', 'a', -1],
    ['[[:alpha:]]+', 'ab1', -1],
    ['[[:a]', ':', -1],
    ['a(?=b)', 'ab', -1],
    ['(a)\\1', 'aa', -1],
    ['(', 'aa', -1],
    ['a{1001}', 'aa', -1],
    ['\\Qa.b\\E|\\z', 'a.b', -1],
    ['(a+)+$', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', -1],
  ]),
  ...callsOf('regex.replace', [
    ['foobar', 'o(o)', '$1x'],
    ['foobar', 'o(o)', '${1}x'],
    ['héllo', 'l', '$0$0'],
    ['abc', '', '-'],
    ['ab', '(?P<x>a)|(?P<x>b)', '<$x>'],
    ['ab', '(a)(b)?', '$$1$2$9${3}$'],
    ['ab', 'a', '${'],
    ['ab', 'a', '$01'],
    ['ab', 'a', '$é'],
    ['foo', '^[a-z]', 'F'],
    ['abc', '(?P<__proto__>b)', '[$__proto__]'],
    ['abc', '[', ''],
  ]),
  ...callsOf('regex.split', [
    ['', ''],
    ['', 'é😀'],
    ['a', ''],
    ['a*', 'baaab'],
    ['$', 'ab'],
    ['^', 'ab'],
    [',', ',a,,b,'],
    ['(', 'a'],
  ]),
  ...callsOf('regex.template_match', [
    ['urn:<[0-9]+>:x', 'urn:12:x', '<', '>'],
    ['urn:{.*}', 'urn:a:b', '{', '}'],
    ['a{b{1}}c', 'abc', '{', '}'],
    ['a.b', 'axb', '{', '}'],
    ['{a)(b}', 'ab', '{', '}'],
    ['}{', 'ab', '{', '}'],
    ['|a|', 'a', '|', '|'],
    ['a', 'a', '<<', '>'],
    ['a', 'a', 'é', '>'],
    ['a', 'a', '', '>'],
  ]),
  ...callsOf('regex.globs_match', [
    ['a.a.[0-9]+z', 'b.b3[0-9]*z'],
    ['.*', ''],
    ['', ''],
    ['[ab]+c', '[bc]*'],
    ['a*b', 'a+b'],
    ['ab+', 'abc'],
    ['a\\*', 'a.'],
    ['[]', '.'],
    ['[]', 'a'],
    ['[a-c-e]', 'a'],
    ['[c-a]', 'a'],
    ['[a', 'a'],
    ['a]', 'a'],
    ['*a', 'a'],
    ['a**', 'a'],
    ['a\\', 'a'],
    ['.*.*.*.*c', '.*.*.*.*d'],
    ['[\u{0}-\u{10ffff}]*x', '😀.*x'],
    ['a+a*', 'aaa'],
    ['b?', 'b?'],
  ]),
  ...callsOf('glob.quote_meta', [['*.a{b,c}[!d-e]?\\'], ['é'], ['']]),
]

const FORMATS: readonly (readonly [format: string, operands: string])[] = [
  ['%v %s %d', '[3, 3, "a"]'],
  ['%d %v %d', '[3.0, 3.0, 1e2]'],
  ['%v %v %v %v %v', '[{"b": 1, "a": [1, "x"]}, {3, 1}, null, set(), {}]'],
  ['%v', '[{"ﬀ": 1, "😀": "\\u0007\\u00ad\\n"}]'],
  ['%s', '[]'],
  ['%s', '["a", "b", 1, 1.5, 18446744073709551616]'],
  ['100%', '[]'],
  ['%!', '[]'],
  ['%!', '[1]'],
  ['%z %☺', '[1, "x"]'],
  ['%[2]s %[1]s', '["a", "b"]'],
  ['%[3]d %[x]d %[0]d %[]d %[1', '[1, 2]'],
  ['%[1]5d|%[1].2f|%[2]*[1]d', '[1, 8]'],
  ['%*d|%-*d|%.*f', '[5, 1, -5, 2, 2, 3.14159]'],
  ['%*d %.*d', '["a", 1, 2.5, 3]'],
  ['%*d', '[1000001, 1]'],
  ['%99999999d|', '[1]'],
  ['%.', '[1]'],
  ['%.d|%.0d|%.3d', '[0, 0, 7]'],
  ['%v %v %v %v', '[1e6, 1e21, 123456.7, 0.00001]'],
  ['%g|%.3g|%#g|%G|%#.0g', '[100000.0, 1234.5, 1.5, 1e-10, 2.0]'],
  ['%e|%.0e|%E|%#.0e', '[1234.5678, 15.0, 1e100, 5.0]'],
  ['%.0f|%.0f|%.0f|%.1f|%.20f|%f', '[2.5, 3.5, 0.5, 0.05, 0.1, 1e20]'],
  ['%x|%X|%.2x|%b|%#x', '[1.5, 0.1, 3.999, 1.0, 0.0]'],
  ['%f|%v|%d', '[1e400, 1e400, 1e400]'],
  ['%v|%f|% f|%+f', '[-0.0, -0.0, 1.5, 1.5]'],
  ['%08.3f|%+d|%#x|%q|%x|%c|%U', '[3.14159, 5, 255, "a\\"b", "hi", 65, 65]'],
  ['%b|%o|%O|%#o|%#b|%X|%#X', '[5, 8, 8, 8, 5, 255, 255]'],
  ['% d|%+d|%05d|%-5d|%+06d|%x', '[5, -5, -5, 5, 5, -255]'],
  ['%c%c%c|%q|%+q|%#U|%U', '[128512, 55296, 1114112, 39, 233, 128512, -1]'],
  ['%t|%t|%v', '[true, "true", false]'],
  ['%5s|%.2s|%-5s|%05s|%.0s', '["é", "héllo", "a", "b", "c"]'],
  ['%q|%+q|%#q|%# q|%q', '["é\\u2028\\n", "é😀", "a`b", "ab", "\\u007f\\ufeff"]'],
  ['%x|% x|%#x|% #X|%.1x|%5x', '["é", "é", "é", "éa", "é", ""]'],
  [
    '%d|%s|%x|%#X|%+v|%030d|%-30d|',
    '[123456789123456789123, 1208925819614629174706175, 18446744073709551616, 18446744073709551616, 9223372036854775808, -9223372036854775809, 9223372036854775808]',
  ],
  [
    '%q|%t|%e|%w|%+w|%#w',
    '[9223372036854775808, 9223372036854775808, 9223372036854775808, -36893488147419103233, 9223372036854775808, 9223372036854775808]',
  ],
  ['%T %T %T %T %T', '[1, 1.5, "a", 9223372036854775808, [1]]'],
  ['%p|%w|%#v|%+v|%#v', '[1, 1, "a", 1, 1.0]'],
  ['%d', '[-9223372036854775808]'],
  ['%%|%5%|%-%|%s', '["a"]'],
]

const DATA =
  '{"a": 1, "b": null, "c": [1, null, "x", {"y": "é"}], "d": {"k": 1.50, "e": {"f": "<\\"&\'>"}}, "s": "héllo", "t": true, "l": [], "__proto__": "p"}'

const TEMPLATES: readonly string[] = [
  '{{.a}} {{.b}} {{.c}} {{.d}} {{.q}} {{.q.r}} {{.s}} {{.t}} {{.__proto__}} {{.toString}}',
  '{{.b.x}}',
  '{{.a.x}}',
  '{{.d.e.f}} {{html .d.e.f}} {{js .d.e.f}} {{urlquery .d.e.f " é"}}',
  '{{range $i, $x := .c}}{{if $i}}, {{end}}{{$i}}={{$x}}{{end}}',
  '{{range .d}}{{.}};{{end}}{{range .l}}x{{else}}none{{end}}{{range 3}}{{.}}{{end}}{{range .s}}{{end}}',
  '{{range .c}}{{if .}}{{continue}}{{end}}{{break}}{{end}}done',
  'a {{- /* note */ -}} b {{- .a -}} c {{ "d" -}}  ',
  '{{with .d}}{{.k}}{{else}}none{{end}}{{with $y := .q}}{{$y}}{{else with .a}}{{.}}{{end}}',
  '{{if and .a .s}}1{{end}}{{if or .q .l}}2{{else if not .b}}3{{end}}',
  '{{$x := .a}}{{range .c}}{{$x = "z"}}{{end}}{{$x}}',
  '{{eq .a "1"}} {{eq 1 1}} {{lt "10" .a}} {{ge 1.5 1.5}} {{ne .s "x"}} {{eq .q .b}}',
  '{{eq .a 1}}',
  '{{len .s}} {{len .c}} {{len .d}} {{index .c 2}} {{index .d "e" "f"}} {{index .s 1}} {{slice .s 0 1}} {{slice .c 1 2}}',
  '{{index .c 9}}',
  '{{index .c .a}}',
  '{{printf "%d|%5s|%q|%v|%T|%t|%v" 7 .s .a .c .a .t nil}} {{print 1 2 "a" 3 nil}} {{println .a .b}}',
  ...[
    '%{',
    '%d',
    '%5s|',
    '%x',
    '%#v',
    '%+v',
    '%T',
    '%q',
    '%t',
    '%v%!',
    '%w',
    '%.1s',
    '%-7v|',
    '%#q',
    '%y',
  ].map((format) => `{{printf "${format}" .c}} {{printf "${format}" .d}} {{printf "${format}" .l}}`),
  '{{printf "a" .c .d}}',
  '{{.s | printf "%s-%s" "x" | len}}',
  '{{define "T"}}<{{.}}>{{end}}{{template "T" .a}}{{block "B" .d}}{{.k}}{{end}}{{template "N"}}',
  '{{define "T"}}<{{.}}>{{end}}{{template "T" .a}}{{block "B" .d}}{{.k}}{{end}}{{template "T"}}',
  '{{"\\u00e9\\x41\\n"}} {{`r\\n`}} {{\'a\'}} {{0x1F}} {{017}} {{1_000}} {{1e3}} {{.5}} {{-1}}',
  '{{1e999}}',
  '{{9223372036854775808}}',
  '{{if false}}{{9223372036854775808}}{{end}}ok',
  '{{"ab',
  '{{.a',
  '{{end}}',
  '{{if .a}}',
  '{{nope}}',
  '{{$z}}',
  '{{call .a}}',
  '{{nil}}',
  '{{.a 1}}',
  '{{.q 1}}',
  '{{(.d).e.f}} {{(index .c 3).y}} {{$.a}}',
  '<no value>',
  '}} { {',
  '',
]

const RENDERED: readonly Call[] = [
  ...TEMPLATES.map((template): Call => ['strings.render_template', quote(template), DATA]),
  ['strings.render_template', '"{{.a}}"', '{"a": {1}}'],
  ['strings.render_template', '"{{.a}}"', '{"a": 1, 2: 3}'],
  ['strings.render_template', '"{{.a}}"', '{"a": "\\u0007"}'],
  ['strings.render_template', '"{{.a}}"', '{"a": "\\u00ad\\u2028"}'],
  ['strings.render_template', '"{{.a}}"', '{"a": "\\u{e}"}'.replace('\\u{e}', '\u{e0001}')],
  ['strings.render_template', '"{{.a}}"', '[]'],
  ['strings.render_template', '1', '{}'],
]

const WRONG_TYPES = Object.keys(textBuiltins).flatMap((name): Call[] => {
  const counts: Readonly<Record<string, number>> = {
    trace: 1,
    'glob.quote_meta': 1,
    'regex.find_n': 3,
    'regex.replace': 3,
    'strings.split_n': 3,
    'regex.template_match': 4,
  }
  const operands = (operand: string) => Array.from({ length: counts[name] ?? 2 }, () => operand)
  return ['null', '1', '[1]', '{"a"}', '{"a": 1}', 'true'].map((operand) => [name, ...operands(operand)])
})

const TABLES: Readonly<Record<string, readonly Call[]>> = {
  'searches texts': SEARCHES,
  'reads patterns': PATTERNS,
  'formats texts': FORMATS.map(([format, operands]): Call => ['sprintf', quote(format), operands]),
  'renders templates': RENDERED,
  'answers undefined where an operand has the wrong type': WRONG_TYPES,
}

describe('builtins of texts', async () => {
  const calls = Object.values(TABLES).flat()
  const wanted = await askOpa(calls)

  it('asks what OPA mostly has an answer to', () => {
    const known = Object.values(TABLES).map((table) => table.length)
    const answered = Object.values(wanted).filter((answer) => answer !== 'undefined')
    expect(answered.length).toBeGreaterThan(known.reduce((sum, count) => sum + count) / 2)
  })

  it.each(Object.keys(TABLES))('%s as OPA does', (name) => {
    const asked = TABLES[name] ?? []
    const answers = askTable(textBuiltins, asked, idleContext)
    expect(answers).toEqual(Object.fromEntries(Object.keys(answers).map((key) => [key, wanted[key]])))
  })
})
