import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** A host that serves files in a folder of its own, and knows nothing of Terrella. */
export async function serveFiles(directory: string, folder: string): Promise<Server> {
  const server = createServer(({ url = '' }, response) => {
    const path = new URL(url, 'http://host').pathname;
    const file = join(directory, normalize(decodeURIComponent(path.slice(folder.length))) || 'index.html');
    const missing = () => response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found');
    if (!path.startsWith(folder) || !file.startsWith(directory)) missing();
    else
      readFile(path === folder ? join(directory, 'index.html') : file).then(
        (bytes) =>
          response
            .writeHead(200, {
              'Content-Type': TYPES[path === folder ? '.html' : extname(file)] ?? 'application/octet-stream',
            })
            .end(bytes),
        missing,
      );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}
