/**
 * The part of Node's Buffer that the service's client SDK uses, which is base64 of binary data. The
 * build puts it in the place of the whole polyfill.
 */
export const Buffer = {
  from(data: string | ArrayBuffer, encoding?: string): Uint8Array & { toString(encoding?: string): string } {
    const bytes = typeof data === 'string' ? decode(data, encoding) : new Uint8Array(data)
    return Object.assign(bytes, { toString: (to?: string) => encode(bytes, to) })
  },
}

function decode(text: string, encoding?: string): Uint8Array {
  if (encoding !== 'base64') return new TextEncoder().encode(text)
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}

function encode(bytes: Uint8Array, encoding?: string): string {
  if (encoding !== 'base64') return new TextDecoder().decode(bytes)
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
