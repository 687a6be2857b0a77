/** Requests that were refused and recorded as such: whoever observes requests tells nothing more of them. */
export const refused = new WeakSet<object>();
