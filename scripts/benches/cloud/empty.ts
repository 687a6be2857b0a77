import { http } from '@google-cloud/functions-framework';

/** Answers, and does nothing else: what the framework alone takes to start. */
http('empty', (_request, response) => {
  response.status(204).end();
});
