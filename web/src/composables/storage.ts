/** This browser's own settings, as JSON. A browser without storage has none. */

export function load(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(`easel.${key}`) ?? 'null')
  } catch {
    return null
  }
}

export function save(key: string, value: unknown): void {
  try {
    localStorage.setItem(`easel.${key}`, JSON.stringify(value))
  } catch {
    // Full or forbidden: the setting lasts as long as the page.
  }
}
