import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const mayReadEnvironment = ['packages/*/src/main.ts', 'packages/worker/src/cli.ts', 'test/**'];

export default tseslint.config(
  { ignores: ['**/dist/**', '.vidhuk/**', 'test/bench/results/**', 'test/faults/results/**'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: ['test/tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'no-restricted-syntax': ['error', { selector: 'ExportAllDeclaration', message: 'Name what is exported.' }],
      'no-console': 'error',
    },
  },
  {
    // The scripts behind npm start and npm test run before anything is compiled: JavaScript, typed by JSDoc.
    files: ['scripts/**/*.mjs'],
    extends: [eslint.configs.recommended, ...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: ['scripts/tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-undef': 'off', // the compiler knows better
      // JSON.parse gives any, and these rules do not see the type that JSDoc gives it.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
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
    // TypeORM's idiom: schemas and options are object literals where its types name classes.
    files: ['packages/worker/src/db/entities/**'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
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
