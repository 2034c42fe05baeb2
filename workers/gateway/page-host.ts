import type { WebSocket } from 'ws';
import { mayHear, maySay } from '../credentials/permissions.ts';
import type { RunRecord } from '../protocol/cluster.ts';
import { readLeaderReply, readLeaderRequest, readRecord } from '../protocol/cluster-messages.ts';
import { SUBJECTS } from '../protocol/cluster-subjects.ts';
import { HOSTING_CLOSE, packHosting, readFromPage, type ToPage } from '../protocol/hosting.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { TransportError } from '../transport/errors.ts';
import type { Transport } from '../transport/transport.ts';
import { MessageAllowance } from './message-allowance.ts';

/** A link to the broker that is a page's alone, and the node that the page is there. */
export interface HostedLink {
  readonly node: string;
  readonly transport: Transport;
  readonly close: () => Promise<void>;
}

/** Pages that may host shards of a cluster's runs. */
export interface PageHosting {
  /** So many at one time. */
  readonly most: number;
  /** A link for one more page; it is closed with the page. Throws what connecting does. */
  readonly open: () => Promise<HostedLink>;
  /** What the job of a run is made from. Throws where that cannot be had here. */
  readonly recipe: (job: string) => Promise<Recipe>;
  /** Files of the recipes that were given, by their paths beside the page. */
  readonly files: ReadonlyMap<string, string>;
}

type Answer = Omit<Extract<ToPage, { type: 'answer' }>, 'id'> | Omit<Extract<ToPage, { type: 'recipe' }>, 'id'>;

/** Messages of a page: a node makes some hundreds a second. */
const ALLOWANCE = { burst: 20_000, rate: 5000 };
/** Bytes on their way to a page that is slow: beyond, others would wait for it in vain. */
const MOST_WAITING = 64 << 20;
/** Requests of a page that wait for answers. */
const MOST_REQUESTS = 256;
const MOST_JOBS = 64;

/**
 * Passes on what a page may say and hear as its node, and nothing else, until either side ends; gives back what ends it. The
 * page is a node like any other: what it computes is accepted, and its silence is found, by the same rules.
 */
export function hostPage(
  socket: WebSocket,
  { node, transport, close }: HostedLink,
  recipe: PageHosting['recipe'],
): (code: number, why: string) => void {
  const allowance = new MessageAllowance(performance.now(), ALLOWANCE);
  let requests = 0;
  let isOver = false;
  const end = (code: number, why: string): void => {
    if (isOver) return;
    isOver = true;
    for (const stop of stops) stop();
    socket.close(code, why);
    close().catch(() => {});
  };
  const send = (message: ToPage): void => {
    if (isOver) return;
    if (socket.bufferedAmount <= MOST_WAITING) socket.send(packHosting(message));
    else end(HOSTING_CLOSE.tooSlow, 'this page takes messages more slowly than they come');
  };
  /** Answers a request, sooner or later. */
  const ask = (id: number, answer: () => Promise<Answer>): void => {
    if (requests >= MOST_REQUESTS) {
      end(HOSTING_CLOSE.tooManyMessages, `more than ${MOST_REQUESTS} requests at one time`);
      return;
    }
    requests++;
    answer()
      .then(
        (found) => send({ ...found, id }),
        (error) => {
          const tag = error instanceof TransportError ? error.tag : 'TransportFailed';
          send({ type: 'unanswered', id, tag, message: error instanceof Error ? error.message : String(error) });
        },
      )
      .finally(() => {
        requests--;
      });
  };
  /** Jobs of the cluster's runs, newest last: a page may ask what those are made from, and nothing else. */
  const jobs = new Set<string>();
  const note = ({ job }: RunRecord): void => {
    jobs.delete(job);
    jobs.add(job);
    if (jobs.size > MOST_JOBS) jobs.delete(jobs.values().next().value!);
  };
  const stops = [
    ...mayHear(node).map((pattern) =>
      transport.subscribe(pattern, ({ subject, bytes }) => {
        const record = pattern === SUBJECTS.records ? readRecord(bytes) : undefined;
        if (record) note(record);
        send({ type: 'message', subject, bytes });
      }),
    ),
    transport.onLink((link) => send({ type: 'link', link })),
  ];
  socket.on('close', () => end(HOSTING_CLOSE.goingAway, ''));
  socket.on('error', () => end(HOSTING_CLOSE.protocol, 'the connection failed'));
  socket.on('message', (data, isBinary) => {
    if (isOver) return;
    if (!allowance.take(performance.now()))
      return end(HOSTING_CLOSE.tooManyMessages, `more than ${ALLOWANCE.rate} messages a second`);
    const message = isBinary && data instanceof Buffer ? readFromPage(data) : undefined;
    if (!message) return end(HOSTING_CLOSE.protocol, 'that is no message of a page that hosts shards');
    if (message.type === 'recipe') {
      const { id, job } = message;
      return ask(id, async () => {
        if (!jobs.has(job))
          throw new Error('RecipeMissing: no run of the cluster has that job. Ask for that of a record.');
        return { type: 'recipe', recipe: JSON.stringify(await recipe(job)) };
      });
    }
    if (!maySay(node, message.subject))
      return end(HOSTING_CLOSE.protocol, `${node} may not send to ${message.subject.slice(0, 60)}`);
    if (message.bytes.length > transport.largestMessage)
      return end(HOSTING_CLOSE.tooLarge, `a message may have ${transport.largestMessage} bytes`);
    if (message.type === 'publish') return transport.publish(message.subject, message.bytes);
    const { id, subject, bytes, timeout } = message;
    ask(id, async () => {
      const answer = await transport.request(subject, bytes, timeout);
      const reply = readLeaderRequest(bytes)?.type === 'records' ? readLeaderReply(answer) : undefined;
      if (reply?.type === 'records') reply.records.forEach(note);
      return { type: 'answer', bytes: answer };
    });
  });
  send({ type: 'welcome', node, largestMessage: transport.largestMessage });
  return end;
}
