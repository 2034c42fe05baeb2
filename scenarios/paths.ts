/** Paths with / (or \) as text: scenarios are also read where there is no file system. */

const isAbsolute = (path: string): boolean => /^([/\\]|[A-Za-z]:[/\\]|[a-z]+:\/\/)/.test(path);

export function folderOf(path: string): string {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return end < 0 ? '' : path.slice(0, end === 0 ? 1 : end);
}

/** A path written in a file of `folder`, from where the program stands; `.` and `..` are resolved. */
export function joinPath(folder: string, path: string): string {
  const whole = isAbsolute(path) || folder === '' ? path : `${folder}/${path}`;
  const scheme = /^([a-z]+:\/\/[^/]*)?/.exec(whole)![0];
  const rest = whole.slice(scheme.length);
  const parts: string[] = [];
  for (const part of rest.split(/[/\\]/)) {
    if (part === '.' || part === '') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return `${scheme}${/^[/\\]/.test(rest) ? '/' : ''}${parts.join('/')}`;
}
