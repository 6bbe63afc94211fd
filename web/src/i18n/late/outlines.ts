import type { Names } from '../outlines'

const FILES = import.meta.glob<Names>('../../../../whiteboard/outlines/*.json', { eager: true, import: 'names' })

/** What each outline of the library is called, by its kind. */
export const NAMES = Object.fromEntries(Object.entries(FILES).map(([path, names]) => [/(\w+)\.json$/.exec(path)![1]!, names]))
