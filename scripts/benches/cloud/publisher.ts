import { protos } from '@google-cloud/pubsub';
import { grpc } from 'google-gax';

/**
 * The front of Pub/Sub, in a process of its own: takes Publisher.Publish over the client's own messages and acknowledges at
 * once, so that what is measured is the publisher. Keeps nothing. Says its port on standard output.
 */
const { PublishRequest, PublishResponse } = protos.google.pubsub.v1;

type PublishCall = { readonly request: protos.google.pubsub.v1.IPublishRequest };
type Answer = (error: null, response: protos.google.pubsub.v1.IPublishResponse) => void;

// As Pub/Sub itself takes them; gRPC's own bound is 4 MiB.
const MAX_MESSAGE_BYTES = 10 * 2 ** 20;

const server = new grpc.Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
let published = 0;
server.addService(
  {
    publish: {
      path: '/google.pubsub.v1.Publisher/Publish',
      requestStream: false,
      responseStream: false,
      requestSerialize: (value: object) => Buffer.from(PublishRequest.encode(value).finish()),
      requestDeserialize: (bytes: Buffer) => PublishRequest.decode(bytes),
      responseSerialize: (value: object) => Buffer.from(PublishResponse.encode(value).finish()),
      responseDeserialize: (bytes: Buffer) => PublishResponse.decode(bytes),
    },
  },
  {
    publish: ({ request }: PublishCall, answer: Answer) => {
      answer(null, { messageIds: (request.messages ?? []).map(() => String(++published)) });
    },
  },
);
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
// It ends with whoever started it.
process.stdin.resume().once('end', () => process.exit());
