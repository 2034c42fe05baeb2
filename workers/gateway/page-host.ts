import type { WebSocket } from 'ws';
import { mayHear, maySay } from '../credentials/permissions.ts';
import type { RunRecord } from '../protocol/cluster.ts';
import { readHeartbeat, readLeaderReply, readLeaderRequest, readRecord } from '../protocol/cluster-messages.ts';
import { SUBJECTS } from '../protocol/cluster-subjects.ts';
import { HOSTING_CLOSE, packHosting, readFromPage, type ToPage } from '../protocol/hosting.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { TransportError } from '../transport/errors.ts';
import { isSubject } from '../transport/subjects.ts';
import type { Transport } from '../transport/transport.ts';
import { MessageAllowance } from './message-allowance.ts';

/** A link to the broker that is a page's alone, and the node that the page is there. */
export interface HostedLink {
  readonly node: string;
  /** Of this page among those that are the node one after the other: the gateway's clock, which no visitor sets. */
  readonly incarnation: number;
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

/** With which code a page is ended, and in which words. */
type Fault = readonly [code: number, why: string];

/** Messages of a page, of so many bytes each: a node makes some hundreds a second, and a cut of some MiB now and then. */
const ALLOWANCE = { burst: 20_000, rate: 5000 };
const MESSAGE_BYTES = 4 << 10;
/** Bytes on their way to a page that is slow: beyond, others would wait for it in vain. */
const MOST_WAITING = 64 << 20;
/** Requests of a page that wait for answers, and their bytes. */
const MOST_REQUESTS = 256;
const MOST_ASKED = 128 << 20;
/** Bytes of the words with which a web socket is closed. */
const LONGEST_WHY = 120;
const MOST_JOBS = 64;

/**
 * Passes on what a page may say and hear as its node, and nothing else, until either side ends; gives back what ends it. The
 * page is a node like any other: what it computes is accepted, and its silence is found, by the same rules.
 */
export function hostPage(
  socket: WebSocket,
  { node, incarnation, transport, close }: HostedLink,
  recipe: PageHosting['recipe'],
): (code: number, why: string) => void {
  const allowance = new MessageAllowance(performance.now(), ALLOWANCE);
  let requests = 0;
  let asked = 0;
  let isOver = false;
  const end = (code: number, why: string): void => {
    if (isOver) return;
    isOver = true;
    for (const stop of stops) stop();
    socket.close(code, shortened(why));
    close().catch(() => {});
  };
  const send = (message: ToPage): void => {
    if (isOver) return;
    if (socket.bufferedAmount <= MOST_WAITING) socket.send(packHosting(message));
    else end(HOSTING_CLOSE.tooSlow, 'this page takes messages more slowly than they come');
  };
  /** Answers a request, sooner or later. */
  const ask = (id: number, bytes: number, answer: () => Promise<Answer>): void => {
    if (requests >= MOST_REQUESTS || asked + bytes > MOST_ASKED) {
      end(
        HOSTING_CLOSE.tooManyMessages,
        `more than ${MOST_REQUESTS} requests, or ${MOST_ASKED >> 20} MiB of them, at one time`,
      );
      return;
    }
    requests++;
    asked += bytes;
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
        asked -= bytes;
      });
  };
  /** Whether a heartbeat is that of the node that this page is. */
  const isOwn = (bytes: Uint8Array): boolean => {
    const member = readHeartbeat(bytes)?.member;
    return member?.node === node && member.incarnation === incarnation && member.device === undefined;
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
  /** Passes on what a page has sent; gives back why it may not be, if so. */
  const take = (data: unknown, isBinary: boolean): Fault | undefined => {
    const bytes = isBinary && data instanceof Buffer ? data : undefined;
    if (!allowance.take(performance.now(), 1 + (bytes?.length ?? 0) / MESSAGE_BYTES))
      return [
        HOSTING_CLOSE.tooManyMessages,
        `more than ${ALLOWANCE.rate} messages, or ${(ALLOWANCE.rate * MESSAGE_BYTES) >> 20} MiB, a second`,
      ];
    const message = bytes && readFromPage(bytes);
    if (!message) return [HOSTING_CLOSE.protocol, 'that is no message of a page that hosts shards'];
    if (message.type === 'recipe') {
      const { id, job } = message;
      ask(id, job.length, async () => {
        if (!jobs.has(job))
          throw new Error('RecipeMissing: no run of the cluster has that job. Ask for that of a record.');
        return { type: 'recipe', recipe: JSON.stringify(await recipe(job)) };
      });
      return undefined;
    }
    if (!isSubject(message.subject) || !maySay(node, message.subject))
      return [HOSTING_CLOSE.protocol, `${node} may not send to ${message.subject.slice(0, 60)}`];
    if (message.bytes.length > transport.largestMessage)
      return [HOSTING_CLOSE.tooLarge, `a message may have ${transport.largestMessage} bytes`];
    if (message.type === 'publish') {
      if (message.subject === SUBJECTS.heartbeat(node) && !isOwn(message.bytes))
        return [HOSTING_CLOSE.protocol, `that is no heartbeat of ${node} as the gateway named it`];
      transport.publish(message.subject, message.bytes);
      return undefined;
    }
    const { id, subject, bytes: body, timeout } = message;
    if (subject !== SUBJECTS.toLeader('node', node))
      return [HOSTING_CLOSE.protocol, `${node} may ask the leader alone`];
    ask(id, body.length, async () => {
      const answer = await transport.request(subject, body, timeout);
      const reply = readLeaderRequest(body)?.type === 'records' ? readLeaderReply(answer) : undefined;
      if (reply?.type === 'records') reply.records.forEach(note);
      return { type: 'answer', bytes: answer };
    });
    return undefined;
  };
  socket.on('message', (data, isBinary) => {
    if (isOver) return;
    try {
      const fault = take(data, isBinary);
      if (fault) end(...fault);
    } catch {
      // Whatever a page sends, the others go on.
      end(HOSTING_CLOSE.protocol, 'that could not be passed on');
    }
  });
  send({ type: 'welcome', node, incarnation, largestMessage: transport.largestMessage });
  return end;
}

/** As much of the words as a web socket takes, in whole letters. */
const shortened = (why: string): string =>
  new TextDecoder().decode(new TextEncoder().encode(why).subarray(0, LONGEST_WHY)).replace(/\uFFFD$/, '');
