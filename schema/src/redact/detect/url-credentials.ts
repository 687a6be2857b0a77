import { add, type View } from '../view.ts';

const USER =
  /:\/\/([^\s/?#@:"'<>\\[\]{}|`]{0,128})(?::([^\s/?#@"'<>\\`]{1,256}))?@(?=[A-Za-z0-9[])/y;
const MIN_TOKEN = 16;

/** `user:password` of `scheme://user:password@host`, whose colon is at `colon`; the URL around it stays one. @returns its end, or -1. */
export function urlCredentialsEnd(view: View, colon: number): number {
  USER.lastIndex = colon;
  const [whole, user = '', password] = USER.exec(view.text) ?? [];
  // A user alone is a name, such as git; a long one is a token.
  if (whole === undefined || (password === undefined && user.length < MIN_TOKEN)) return -1;
  // The host behind the sign is not an address of mail.
  view.atEnd = colon + whole.length;
  return add(view, 'url_credentials', colon + 3, colon + whole.length - 1);
}
