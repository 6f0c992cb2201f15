/** Pictures of a folder, by the folders that they lie in. */

/** Files of pictures by class: the name of the folder that each lies in. */
export function classesOf(files: readonly File[]): Map<string, File[]> {
  const classes = new Map<string, File[]>();
  for (const file of files) {
    const [name = ''] = file.webkitRelativePath.split('/').slice(-2, -1);
    if (!file.type.startsWith('image/') || name === '') continue;
    classes.set(name, [...(classes.get(name) ?? []), file]);
  }
  return new Map([...classes].sort(([a], [b]) => (a < b ? -1 : 1)));
}
