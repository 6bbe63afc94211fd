import { isLink } from '../board/validate'

/** A piece of a text: words, or an address that can be followed. */
export interface Piece {
  readonly text: string
  readonly link: string | undefined
}

const ADDRESS = /\b(?:https?:\/\/|mailto:)[^\s<>"]+/gi
/** What ends a sentence rather than an address. */
const AFTER = /[.,:;!?'")\]}»”’、。，！？؟،]+$/u

/** A text in pieces: the addresses in it, http, https and mailto alone, can be followed. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const { 0: found, index } of text.matchAll(ADDRESS)) {
    const address = trimmed(found)
    if (!isLink(address)) continue
    if (index > from) pieces.push({ text: text.slice(from, index), link: undefined })
    pieces.push({ text: address, link: address })
    from = index + address.length
  }
  if (from < text.length) pieces.push({ text: text.slice(from), link: undefined })
  return pieces
}

/** A bracket that is opened in the address belongs to it. */
function trimmed(found: string): string {
  const address = found.replace(AFTER, '')
  return found[address.length] === ')' && count(address, '(') > count(address, ')') ? `${address})` : address
}

function count(text: string, char: string): number {
  return text.split(char).length - 1
}
