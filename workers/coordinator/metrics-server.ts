import { createServer, type Server } from 'node:http';
import { clusterMetrics, type MetricsSource } from './metrics.ts';
import { PROMETHEUS_TYPE, prometheusText } from './prometheus.ts';

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** How long one who asks may take, and how many may at once: figures must not cost a coordinator its lead. */
const PATIENCE = 5000;
const MOST_CONNECTIONS = 16;

/** Gives a coordinator's figures at /metrics. Rejects with what `listen` does, EADDRINUSE among them. */
export async function serveMetrics(source: MetricsSource, port: number, host: string): Promise<MetricsServer> {
  const server: Server = createServer({ requestTimeout: PATIENCE, headersTimeout: PATIENCE }, (request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(isRead ? 404 : 405).end();
      return;
    }
    const text = prometheusText(clusterMetrics(source));
    response.writeHead(200, { 'content-type': PROMETHEUS_TYPE });
    response.end(request.method === 'HEAD' ? undefined : text);
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
