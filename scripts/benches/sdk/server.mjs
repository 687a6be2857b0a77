import { createServer } from 'node:http';

const s = createServer((q, r) => {
  q.resume();
  r.setHeader('content-length', '2');
  r.end('ok');
});
s.keepAliveTimeout = 60000;
s.listen(0, '127.0.0.1', () => console.log(s.address().port));
