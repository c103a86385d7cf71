'use strict';

const js = require('@eslint/js');
const globals = require('globals');

const rules = {
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-else-return': 'error',
  'no-implicit-coercion': ['error', { allow: ['!!', '+'] }],
  'no-implicit-globals': 'error',
  'no-shadow-restricted-names': 'error',
  'no-throw-literal': 'error',
  'no-unused-expressions': 'error',
  'no-unused-vars': ['error', { args: 'after-used', caughtErrors: 'all' }],
  'no-use-before-define': ['error', { functions: false, variables: false }],
  'no-useless-return': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-arrow-callback': ['error', { allowNamedFunctions: true }],
  'prefer-const': 'error',
  'prefer-template': 'off',
  strict: ['error', 'global'],
  yoda: 'error'
};

module.exports = [
  {
    ignores: ['build/', 'deps/', 'prebuilds/', 'node_modules/']
  },
  js.configs.recommended,
  {
    files: ['**/*.js'],
    languageOptions: {
      ecmaVersion: 2023,
      sourceType: 'commonjs',
      globals: globals.node
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      ecmaVersion: 2023,
      sourceType: 'module',
      globals: globals.node
    },
    rules: { ...rules, strict: 'off' }
  },
  {
    files: ['test/**/*.js'],
    languageOptions: { globals: globals.mocha }
  },
  {
    // Functions that are handed to a page run there.
    files: ['test/browser/**/*.js'],
    languageOptions: { globals: globals.browser }
  },
  {
    // Modules of web pages.
    files: ['examples/**/public/**/*.js'],
    languageOptions: { sourceType: 'module', globals: globals.browser },
    rules: { strict: 'off' }
  }
];
