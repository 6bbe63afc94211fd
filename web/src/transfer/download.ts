/** How long a file's address stays after the browser was asked to save it, in ms. */
const KEEP = 60_000

/** Has the browser save a file. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP)
}
