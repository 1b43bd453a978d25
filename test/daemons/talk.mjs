// A client of any protocol of lines, run inside a site: waits for what the server says, answers, and prints what was said.
// Argument: JSON of {host, port, from, steps: [expected, answer][], deadlineMs}; `expected` is a regular expression.
import { connect } from 'node:net';

const { host, port, from, steps, deadlineMs = 30_000 } = JSON.parse(process.argv[2]);
let said = '';
let fresh = '';
let next = 0;
const socket = connect({ host, port, localAddress: from });
const end = (code, why) => {
  process.stdout.write(said);
  if (why) process.stderr.write(`${why}\n${said}`);
  process.exit(code);
};
setTimeout(() => end(1, `not said within ${deadlineMs} ms: ${steps[next]?.[0]}`), deadlineMs);
const advance = () => {
  while (next < steps.length && new RegExp(steps[next][0]).test(fresh)) {
    const [, answer] = steps[next++];
    fresh = '';
    if (answer === undefined) continue;
    socket.write(Buffer.from(answer, 'latin1'));
    said += `> ${answer}`;
    return;
  }
  if (next === steps.length) socket.end();
};
socket.on('data', (data) => {
  said += data.toString('latin1');
  fresh += data.toString('latin1');
  advance();
});
socket.on('connect', advance);
socket.on('error', (error) => end(1, error.message));
socket.on('close', () =>
  end(next === steps.length ? 0 : 1, next === steps.length ? '' : `closed before: ${steps[next][0]}`),
);
