import { Output } from './output.js';

/** An output that keeps what it is told, as of a terminal or of a pipe. */
export function recordedOutput({ isTTY = false } = {}) {
  const texts = { out: '', err: '' };
  const sink = (name: 'out' | 'err') => ({
    isTTY,
    write: (text: string) => {
      texts[name] += text;
      return true;
    },
  });
  const output = new Output(sink('out') as NodeJS.WriteStream, sink('err') as NodeJS.WriteStream);
  return { output, texts };
}
