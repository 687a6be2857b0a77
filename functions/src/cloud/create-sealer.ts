import type { HttpFunction } from '@google-cloud/functions-framework';
import { refuse, sendRefusal } from '../door/problem-response.ts';

/**
 * Holds the place of the sealer, so that its account, rights and address can stand before it does. It seals nothing and
 * says so; its schedule is paused in infra/ for as long.
 */
export const createSealer = (): HttpFunction => (_request, response) =>
  sendRefusal(response, refuse('not_built', 'nothing is sealed yet: no checkpoint is made'));
