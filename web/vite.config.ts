/** How the screens are built: into the Python package, nothing inlined, nothing from elsewhere. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  worker: { format: 'es' },
  build: {
    outDir: '../src/jikimi/screens/built',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    chunkSizeWarningLimit: 1500,
    manifest: true,
  },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:8340', ws: true } } },
  test: { environment: 'node', include: ['tests/**/*.test.ts'] },
});
