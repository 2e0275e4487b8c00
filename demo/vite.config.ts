import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: { outDir: 'dist', emptyOutDir: true },
  // `vite demo` with `node demo/server.ts` beside it: the page from Vite, the data from the demo's own server.
  server: { proxy: { '/api': 'http://127.0.0.1:3000' } },
});
