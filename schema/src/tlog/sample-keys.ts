import * as crypto from 'node:crypto';
import { createNoteSigner, createNoteVerifier, type NoteKey, rawPublicKey } from './note-keys.ts';

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

export const privateKeyOf = (seed: Uint8Array): crypto.KeyObject =>
  crypto.createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, seed]),
    format: 'der',
    type: 'pkcs8',
  });

/** Made from a word, for the tests: the same on each run, and of no use to anyone. */
export const madeUpKey = (word: string): crypto.KeyObject =>
  privateKeyOf(crypto.hash('sha256', word, 'buffer'));

export function madeUpLog(name: string, word = name) {
  const privateKey = madeUpKey(word);
  const key: NoteKey = { name, type: 'ed25519', publicKey: rawPublicKey(privateKey) };
  return { key, signer: createNoteSigner(name, privateKey), verifier: createNoteVerifier(key) };
}

export function madeUpWitness(name: string) {
  const privateKey = madeUpKey(name);
  const key: NoteKey = { name, type: 'cosignatureEd25519', publicKey: rawPublicKey(privateKey) };
  return { key, privateKey };
}
