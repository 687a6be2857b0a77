/** The lines of a run, without what differs each time: ids, ports, numbers, times, and the order of what runs side by side. */
export const skeleton = (text: string, dir: string): readonly string[] =>
  text
    .replaceAll(dir, '.vantio/demo')
    .replaceAll(process.cwd(), '…')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}/g, 'ID')
    .replace(/[0-9][0-9.]* ?(us|ms|s)\b/g, 'TIME')
    .replace(/[0-9][0-9.]* k?B\b/g, 'SIZE')
    .replace(/[0-9]+/g, 'N')
    .replaceAll('└', '├')
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .sort();
