import tseslint from 'typescript-eslint';

const mayReadEnvironment = [
  'packages/*/src/main.ts',
  'packages/worker/src/cli.ts',
  'test/**',
];

export default tseslint.config(
  { ignores: ['**/dist/**', '.vidhuk/**', 'test/bench/results/**'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: ['test/tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name what is exported.' },
      ],
      'no-console': 'error',
    },
  },
  {
    files: ['packages/**/*.ts'],
    ignores: mayReadEnvironment,
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'The environment is read in main.ts and cli.ts only, and passed down.' },
      ],
    },
  },
  {
    // Imports run downwards only: ingress → shared ← worker.
    files: ['packages/shared/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['@vidhuk/*', '**/ingress/**', '**/worker/**'] }] },
  },
  {
    files: ['packages/ingress/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['@vidhuk/worker*', '**/worker/**', '**/shared/src/**'] }] },
  },
  {
    files: ['packages/worker/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['@vidhuk/ingress*', '**/ingress/**', '**/shared/src/**'] }] },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off', // chai's `expect(x).to.be.true`
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
);
