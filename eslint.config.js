import eslint from '@eslint/js';
import * as importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { floors, zonesOf } from './eslint.rooms.js';

const mayReadEnvironment = ['packages/*/src/main.ts'];

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
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name what is exported.' },
        {
          selector:
            "CallExpression[callee.object.name='AbortSignal'][callee.property.name='any'] CallExpression[callee.property.name='timeout']",
          message: 'Node 20 forgets such a time limit (nodejs/node#57736): withTimeLimit() of shared/deadline.ts.',
        },
      ],
      'no-console': 'error',
    },
  },
  {
    // The scripts behind npm start and npm test run before anything is installed: JavaScript, typed by JSDoc.
    files: ['scripts/**/*.mjs'],
    extends: [eslint.configs.recommended, ...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: ['scripts/tsconfig.json'], tsconfigRootDir: import.meta.dirname } },
    rules: { 'no-undef': 'off' }, // the compiler knows better
  },
  {
    files: ['packages/**/*.ts'],
    ignores: mayReadEnvironment,
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'The environment is read in main.ts only, and passed down.' },
      ],
    },
  },
  {
    // TypeORM's idiom: schemas and options are object literals where its types name classes.
    files: ['packages/worker/src/db/entities/**'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        importX.createNodeResolver({
          conditionNames: ['@vidhuk/source', 'import', 'default'],
          extensionAlias: { '.js': ['.ts', '.js'] },
        }),
      ],
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones: zonesOf(floors) }],
      'import-x/no-cycle': 'error',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off', // chai's `expect(x).to.be.true`
      '@typescript-eslint/no-non-null-assertion': 'off', // what is not there fails the test at the same place
    },
  },
);
