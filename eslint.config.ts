/**
 * Lint rules of the house. Which folder may import which stands in `layers.ts`, once.
 */
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { LAYERS, type Layer } from './layers.ts';

export default defineConfig(
  {
    ignores: [
      'dist',
      'examples',
      'node_modules',
      '**/*_pb.ts',
      'test-results',
      'playwright-report',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      parserOptions: {
        projectService: true,
        extraFileExtensions: ['.svelte'],
      },
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
  },
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowArray: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      // A method without `await` may still have to return a promise, for its port's sake.
      '@typescript-eslint/require-await': 'off',
      'max-lines': ['error', { max: 400 }],
      // Ports are objects of functions; none of ours uses `this` across one.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  ...LAYERS.map((layer) => ({
    files: [`${layer.folder}/**/*.{ts,svelte}`],
    ignores: ['**/*.test.ts', '**/*.bench.ts', '**/testing/**', '**/conformance*.ts'],
    rules: { 'no-restricted-imports': restrictionOf(layer) },
  })),
);

/** Forbids what climbs out of the layer to a folder that the table does not allow. */
function restrictionOf({ folder, mayImport }: Layer): ['error', object] {
  const allowed = mayImport.map((path) => `${path.replace('.', '\\.')}(/|$)`).join('|');
  const regex = `^(\\.\\./)+${allowed === '' ? '' : `(?!${allowed})`}(shared|kernels|coordinator|web|sdk|e2e)/`;
  const message = `${folder} may import only: ${mayImport.join(', ') || 'nothing of ours'} (see layers.ts)`;
  return ['error', { patterns: [{ regex, message }] }];
}
