import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `npm run dev -w web` talks to a console that runs beside it. */
const API = process.env.FLEETWALL_CONSOLE ?? 'http://127.0.0.1:8686';

export default defineConfig({
  plugins: [react()],
  server: { proxy: { '/api': API } },
  build: {
    target: 'es2023',
    // The page's policy forbids what is written into it, pictures as data: URLs too.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What the first page may weigh is a test's matter: test/browser/weight.test.ts.
    chunkSizeWarningLimit: 1_000,
    manifest: true,
  },
});
