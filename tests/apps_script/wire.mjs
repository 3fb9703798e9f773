/** Real HTTP that answers in one breath, as UrlFetchApp does: a worker fetches while this thread stands still. */
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';

const WORK = `
  const { workerData, parentPort } = require('node:worker_threads');
  parentPort.once('message', ({ port, bell }) => port.on('message', async ({ url, options, times }) => {
    let answers;
    try {
      answers = await Promise.all(Array.from({ length: times }, async () => {
        const answer = await fetch(url, options);
        return { code: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
      }));
    } catch (error) { answers = [{ error: String(error.cause || error) }]; }
    port.postMessage(answers);
    Atomics.store(bell, 0, 1);
    Atomics.notify(bell, 0);
  }));
`;

export class Wire {
  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.bell = new Int32Array(new SharedArrayBuffer(4));
    this.port = port1;
    this.worker = new Worker(WORK, { eval: true });
    this.worker.postMessage({ port: port2, bell: this.bell }, [port2]);
  }

  /** The first of `times` answers to the same call, made at the same moment. Throws when there is no connection. */
  send(url, { method = 'POST', headers = {}, body }, times = 1) {
    Atomics.store(this.bell, 0, 0);
    this.port.postMessage({ url, options: { method, headers, body }, times });
    Atomics.wait(this.bell, 0, 0, 30000);
    const answers = receiveMessageOnPort(this.port)?.message ?? [{ error: 'no answer in 30 s' }];
    if (answers[0].error) throw new Error(`DNS error: ${answers[0].error}`);
    return answers[answers.length - 1];
  }

  close() {
    this.port.close();
    return this.worker.terminate();
  }
}

/** What the script's UrlFetchApp call becomes on the wire. */
export const asRequest = ({ url, options }) => [url, {
  method: options.method.toUpperCase(), body: options.payload,
  headers: { ...options.headers, 'Content-Type': options.contentType },
}];
