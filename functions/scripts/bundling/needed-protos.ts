import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import { type ProtoTree, trimProtos } from './trim-protos.ts';

/**
 * What the functions call, for each file of protocols that a client reads when it is opened: a client makes descriptors of
 * everything in it, and of all services this takes longer than the first request has. A method that is not here is none:
 * calling it fails at once, in the test that runs the bundles.
 */
const CALLED: Readonly<Record<string, readonly string[]>> = {
  '@google-cloud/pubsub-api/build/protos/protos.json': ['google.pubsub.v1.Publisher.Publish'],
  '@google-cloud/secret-manager/build/protos/protos.json': [
    'google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion',
    'google.cloud.secretmanager.v1.SecretManagerService.AddSecretVersion',
  ],
  '@google-cloud/spanner-api/build/protos/protos.json': ['google.spanner.v1.Spanner'],
  // Every client opens these beside its own, and nothing here calls them.
  'google-gax/build/protos/locations.json': ['google.cloud.location.Locations.'],
  'google-gax/build/protos/iam_service.json': ['google.iam.v1.IAMPolicy.'],
};

/**
 * The same protocols as classes, a megabyte each, which these clients hand on to their callers and do not use themselves.
 * Spanner's uses its own.
 */
const CLASSES = /\/@google-cloud\/(pubsub|pubsub-api|secret-manager)\/build\/protos\/protos\.js$/;

export const neededProtos: Plugin = {
  name: 'needed-protos',
  setup({ onLoad }) {
    onLoad({ filter: CLASSES }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
    for (const [file, called] of Object.entries(CALLED))
      onLoad({ filter: new RegExp(`/${file.replaceAll('.', '\\.')}$`) }, ({ path }) => {
        const protos = JSON.parse(readFileSync(path, 'utf8')) as ProtoTree;
        return { contents: JSON.stringify(trimProtos(protos, called)), loader: 'json' };
      });
  },
};
