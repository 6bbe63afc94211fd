import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

// Few rules: each would have caught a bug. Types are checked by vue-tsc, format by prettier.

const pure = 'this folder is pure: it is tested without a browser, and read without one in mind'
const forbidden = (names) => names.map((name) => ({ name, message: pure }))

export default [
  { ignores: ['dist/', 'node_modules/', 'test-results/', 'bench/dist/', 'bench/node_modules/'] },
  {
    files: ['**/*.ts'],
    languageOptions: { parser: ts.parser },
  },
  ...vue.configs['flat/essential'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: ts.parser } },
  },
  {
    files: ['**/*.{js,ts,vue}'],
    plugins: { ts: ts.plugin },
    rules: {
      'no-constant-binary-expression': 'error',
      'no-fallthrough': 'error',
      'no-self-compare': 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      eqeqeq: ['error', 'always'],
      'ts/no-explicit-any': 'error',
      'ts/no-unused-expressions': ['error', { allowShortCircuit: true, allowTernary: true, allowTaggedTemplates: true }],
    },
  },
  {
    files: ['src/{board,geometry,tools,sync,editor,formats}/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...forbidden(['window', 'document', 'navigator', 'localStorage', 'setTimeout', 'setInterval'])],
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['vue', 'vue/*', '@vue/*', '**/canvas/**', '**/components/**', '**/composables/**'], message: pure }] },
      ],
    },
  },
  {
    files: ['src/**/*.ts', 'src/**/*.vue'],
    ignores: ['**/*.test.ts', 'src/testing/**'],
    rules: {
      'no-restricted-syntax': ['error', { selector: 'ImportDeclaration[source.value=/\\u002ftesting\\u002f/]', message: 'testing/ is for tests' }],
    },
  },
]
