import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import sirv from 'sirv';
import { type WebSocket, WebSocketServer } from 'ws';
import { HOSTING_CLOSE, HOSTING_PATH, HOSTING_SUBPROTOCOL } from '../protocol/hosting.ts';
import { CLOSE, LARGEST_REQUEST, SOCKET_PATH, SUBPROTOCOL } from '../protocol/viewing.ts';
import { LARGEST_MESSAGE } from '../transport/transport.ts';
import type { ClusterSource } from './cluster-watch.ts';
import { type HostedLink, hostPage, type PageHosting } from './page-host.ts';
import { type RecipePages, recipePages } from './recipe-pages.ts';
import type { RunBoard } from './run-board.ts';
import { newToken, sameToken } from './token.ts';
import { ViewerSession, type ViewerSocket } from './viewer-session.ts';

export interface GatewaySettings {
  readonly board: RunBoard;
  /** What nodes of a cluster do, where there is one. */
  readonly cluster?: ClusterSource | undefined;
  /** Pages that may host shards of its runs; none unless told. */
  readonly hosting?: PageHosting | undefined;
  /** What viewers are told of the program: `Terrella 0.1.0 (006f51c)`. */
  readonly engine: string;
  /** Directory of the built viewer. */
  readonly viewer: string;
  /** Loopback unless told. */
  readonly host?: string | undefined;
  /** 0 for any that is free. */
  readonly port?: number | undefined;
  /** Take the next free port where the one asked for is taken. */
  readonly nextFree?: boolean;
  readonly token?: string | undefined;
  /** Origins of pages, beside the gateway's own, that may connect. */
  readonly origins?: readonly string[];
  readonly mostViewers?: number;
  /** Told of what should not have happened while a viewer was answered. */
  readonly report?: (error: unknown) => void;
}

export interface Gateway {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  /** Address for a browser; the token is in its fragment, which no server sees. */
  readonly url: string;
  viewers(): number;
  /** Pages that host shards. */
  hosts(): number;
  /** Milliseconds since the last viewer left; 0 while there is one. */
  idleFor(): number;
  close(): Promise<void>;
}

export const DEFAULT_PORT = 8137;
const LOOPBACK = '127.0.0.1';
const MOST_VIEWERS = 64;
const PORTS_TRIED = 50;
/** How often connections are asked for a sign of life [ms]. */
const PING_EVERY = 30_000;
/** How long viewers may take to say goodbye [ms]. */
const FAREWELL = 500;

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self' blob:",
    "img-src 'self' data: blob:",
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    "connect-src 'self' ws: wss: data: blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  // Together they let the page share memory between its threads.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** Bytes around a message to the broker. */
const ENVELOPE = 1024;

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host);

/** Whether a page of this origin may connect. Programs that are no browser send none. */
export function originAllowed(
  origin: string | undefined,
  host: string | undefined,
  { bound, origins }: { readonly bound: string; readonly origins: readonly string[] },
): boolean {
  if (origin === undefined || origins.includes(origin)) return true;
  let from: URL;
  let to: URL;
  try {
    from = new URL(origin);
    to = new URL(`http://${host}`);
  } catch {
    return false;
  }
  // A name that somebody else has pointed at this machine is none of its own.
  if (isLoopback(bound)) return isLoopback(from.hostname) && isLoopback(to.hostname);
  const name = to.hostname.replace(/^\[|\]$/g, '');
  return from.host === to.host && (isIP(name) !== 0 || isLoopback(name) || name === bound.toLowerCase());
}

/** Opens the server that viewers talk to. Throws PortTaken, or the system's own error. */
export async function openGateway(settings: GatewaySettings): Promise<Gateway> {
  const { board, engine, viewer, host = LOOPBACK, origins = [], mostViewers = MOST_VIEWERS } = settings;
  const token = settings.token ?? newToken();
  const isToken = (given: unknown): boolean => sameToken(given, token);
  const server = createServer(pages(viewer, recipePages(board, settings.hosting?.files)));
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_REQUEST,
    perMessageDeflate: false,
    handleProtocols: () => SUBPROTOCOL,
  });
  const { hosting } = settings;
  const hostSockets = new WebSocketServer({
    noServer: true,
    maxPayload: LARGEST_MESSAGE + ENVELOPE,
    perMessageDeflate: false,
    handleProtocols: () => HOSTING_SUBPROTOCOL,
  });
  /** Pages that host shards, and what ends them; undefined while they are connected to the broker. */
  const hosts = new Map<WebSocket, ((code: number, why: string) => void) | undefined>();
  /** Those that have not answered the last ping. */
  const unanswered = new WeakSet<WebSocket>();
  const sessions = new Map<WebSocket, { readonly session: ViewerSession; alive: boolean }>();
  let closing = false;
  let idleSince = performance.now();

  const admit = (socket: WebSocket): void => {
    if (sessions.size >= mostViewers) {
      socket.on('error', () => {});
      socket.close(CLOSE.tooManyViewers, `${mostViewers} viewers are here already`);
      return;
    }
    const { cluster, report } = settings;
    const seen = {
      session: new ViewerSession(lineTo(socket), {
        board,
        isToken,
        engine,
        cluster,
        report,
        mayHost: hosting !== undefined,
      }),
      alive: true,
    };
    sessions.set(socket, seen);
    socket.on('pong', () => {
      seen.alive = true;
    });
    socket.on('close', () => {
      sessions.delete(socket);
      idleSince = performance.now();
    });
  };

  const admitHost = async (socket: WebSocket): Promise<void> => {
    socket.on('error', () => {});
    if (!hosting || hosts.size >= hosting.most)
      return socket.close(HOSTING_CLOSE.full, `${hosting?.most ?? 0} pages host shards already, as many as may`);
    hosts.set(socket, undefined);
    socket.on('pong', () => unanswered.delete(socket));
    socket.on('close', () => {
      hosts.delete(socket);
      idleSince = performance.now();
    });
    let link: HostedLink;
    try {
      link = await hosting.open();
    } catch (error) {
      settings.report?.(error);
      return socket.close(HOSTING_CLOSE.goingAway, 'the gateway cannot reach the broker');
    }
    try {
      if (!closing && hosts.has(socket)) hosts.set(socket, hostPage(socket, link, hosting.recipe));
      else await link.close();
    } catch (error) {
      settings.report?.(error);
      socket.terminate();
    }
  };

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const isHost = hosting !== undefined && pathOf(request) === HOSTING_PATH;
    const wanted = isHost ? HOSTING_SUBPROTOCOL : SUBPROTOCOL;
    const refusal = closing
      ? 503
      : refusalOf(request, { bound: host, origins }, isHost ? HOSTING_PATH : SOCKET_PATH, wanted);
    if (refusal !== undefined) refuseUpgrade(stream, refusal, wanted);
    else if (isHost && hostSockets.clients.size >= 2 * hosting.most) refuseUpgrade(stream, 503, wanted);
    else if (isHost) hostSockets.handleUpgrade(request, stream, head, (socket) => void admitHost(socket));
    else if (sockets.clients.size >= 2 * mostViewers) refuseUpgrade(stream, 503, wanted);
    else sockets.handleUpgrade(request, stream, head, admit);
  });
  server.on('clientError', (_error, stream) => stream.destroy());

  const port = await listen(server, host, settings.port ?? DEFAULT_PORT, settings.nextFree ?? false);
  const pings = setInterval(() => {
    for (const [socket, seen] of sessions) {
      if (!seen.alive) socket.terminate();
      seen.alive = false;
      socket.ping();
    }
    for (const socket of hosts.keys()) {
      if (unanswered.has(socket)) socket.terminate();
      unanswered.add(socket);
      socket.ping();
    }
  }, PING_EVERY);
  pings.unref();

  const shown = isLoopback(host) ? 'localhost' : host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return {
    host,
    port,
    token,
    url: `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}/#token=${token}`,
    viewers: () => sessions.size,
    hosts: () => hosts.size,
    idleFor: () => (sessions.size + hosts.size > 0 ? 0 : performance.now() - idleSince),
    async close() {
      if (closing) return;
      closing = true;
      clearInterval(pings);
      for (const { session } of sessions.values()) session.close(CLOSE.goingAway, 'the gateway ends');
      for (const [socket, end] of hosts) {
        if (end) end(HOSTING_CLOSE.goingAway, 'the gateway ends');
        else socket.close(HOSTING_CLOSE.goingAway, 'the gateway ends');
      }
      const everybody = () => [...sockets.clients, ...hostSockets.clients];
      const farewell = setTimeout(() => {
        for (const socket of everybody()) socket.terminate();
      }, FAREWELL);
      await new Promise<void>((done) => {
        server.close(() => done());
        server.closeIdleConnections();
        // What keeps an HTTP connection open without a request is cut with the farewell.
        setTimeout(() => server.closeAllConnections(), FAREWELL).unref();
      });
      clearTimeout(farewell);
      for (const socket of everybody()) socket.terminate();
      sockets.close();
      hostSockets.close();
    },
  };
}

function lineTo(socket: WebSocket): ViewerSocket {
  socket.binaryType = 'nodebuffer';
  return {
    listen(onMessage, onClose) {
      socket.on('message', (data, isBinary) => onMessage(isBinary ? (data as Buffer) : undefined));
      socket.on('close', onClose);
      // Broken frames, and messages beyond the limit: ws closes the socket itself.
      socket.on('error', () => {});
    },
    isOpen: () => socket.readyState === socket.OPEN,
    waiting: () => socket.bufferedAmount,
    send: (bytes, onSent) => socket.send(bytes, () => onSent()),
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
  };
}

/** HTTP status with which a connection is refused. */
function refusalOf(
  request: IncomingMessage,
  place: { readonly bound: string; readonly origins: readonly string[] },
  path: string,
  subprotocol: string,
): number | undefined {
  if (pathOf(request) !== path) return 404;
  if (!originAllowed(request.headers.origin, request.headers.host, place)) return 403;
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((word) => word.trim());
  return offered.includes(subprotocol) ? undefined : 400;
}

const pathOf = (request: IncomingMessage): string | undefined => (request.url ?? '').split('?')[0];

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request: the subprotocol is',
  403: 'Forbidden: this origin may not connect; see --allow-origin',
  404: `Not Found: viewers connect to ${SOCKET_PATH}`,
  503: 'Service Unavailable',
};

function refuseUpgrade(stream: Duplex, status: number, subprotocol: string): void {
  const reason = status === 400 ? `${REASONS[status]} ${subprotocol}` : REASONS[status]!;
  stream.end(
    `HTTP/1.1 ${status} ${reason.split(':')[0]}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(reason)}\r\n\r\n${reason}`,
  );
}

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>Terrella</title>
<p>The viewer is not built yet. Run <code>npm run build</code>, then load this page again.</p>
`;

/** Answers HTTP requests: the built viewer, what a page computes a run from, and nothing else of the disk. */
function pages(viewer: string, recipes: RecipePages): (request: IncomingMessage, response: ServerResponse) => void {
  const files = existsSync(join(viewer, 'index.html')) ? sirv(viewer, { etag: true, dotfiles: false }) : undefined;
  return (request, response) => {
    putHeaders(response);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return;
    }
    const missing = (): void => {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found');
    };
    if (recipes.isOne(request.url)) recipes.answer(request, response).then((found) => found || missing(), missing);
    else if (files) {
      try {
        files(request, response, missing);
      } catch {
        response.writeHead(400).end();
      }
    } else if (request.url === '/') {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(NOT_BUILT);
    } else missing();
  };
}

function putHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
}

async function listen(server: Server, host: string, port: number, nextFree: boolean): Promise<number> {
  for (let tried = 0; ; tried++) {
    try {
      await new Promise<void>((done, fail) => {
        server.once('error', fail);
        server.listen(port === 0 ? 0 : port + tried, host, () => {
          server.off('error', fail);
          done();
        });
      });
      return (server.address() as AddressInfo).port;
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!taken) throw error;
      if (!nextFree || tried >= PORTS_TRIED)
        throw new Error(`PortTaken: something listens on ${host}:${port + tried} already. Choose another --port.`, {
          cause: error,
        });
    }
  }
}
