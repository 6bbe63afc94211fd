import { opening, type Camera, type Size } from '../geometry/camera'
import { load, save } from '../composables/storage'
import { keepSnapshots, MOST_BOARDS, type Likeness, type Shelf, type SnapshotStore } from '../sync/snapshots'
import { piecesOf } from './pieces'
import { systemPause, systemScheduler } from './scheduler'

/** What a board looked like when it was last here. */
export interface Picture extends Omit<Likeness, 'image'> {
  readonly canvas: HTMLCanvasElement
}

/** A board and the secret it is opened with. */
export interface Link {
  readonly board: string
  readonly secret: string
}

let begun: Early | undefined

/** How long the page waits for the picture, in ms. */
const PATIENCE = 200
/** The setting that says of which boards there is something here. */
const KEPT = 'kept'

/**
 * Begins what opening a board waits for longest, before the board's own code is there. Resolves when that code
 * may come: it takes the time in which a picture could be shown.
 */
export async function beginEarly(link: Link): Promise<void> {
  begun = new Early(link)
  if (!isKept(link)) return
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE))
  const painted = begun.picture.then(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))))
  await Promise.race([painted, late])
}

/** Notes that there is something of a board here. */
export function noteKept({ board }: Link): void {
  const others = keptBoards().filter((one) => one !== board)
  save(KEPT, [...others, board].slice(-MOST_BOARDS))
}

function isKept({ board }: Link): boolean {
  return keptBoards().includes(board)
}

function keptBoards(): unknown[] {
  const boards = load(KEPT)
  return Array.isArray(boards) ? boards : []
}

/** What was begun for a link; a fresh beginning if nothing was. */
export function earlyOf(link: Link): Early {
  if (begun?.isOf(link)) return begun
  begun?.end()
  return (begun = new Early(link))
}

/** A board's picture from last time, shown at once, or, if there is nothing of it here, its content from the server. */
export class Early {
  readonly shelf: Shelf
  /** The picture, if there is one; shown beneath the page until `end`. */
  readonly picture: Promise<Picture | undefined>
  private diagram: Promise<Response> | undefined
  private element: HTMLCanvasElement | undefined
  private ended = false

  constructor(readonly link: Link) {
    const { board, secret } = link
    this.shelf = keepSnapshots({ key: `${board}/${secret}`, now: () => systemScheduler.now(), pause: systemPause })
    this.picture = this.show().catch(() => undefined)
    if (!isKept(link)) this.ask()
  }

  isOf({ board, secret }: Link): boolean {
    return board === this.link.board && secret === this.link.secret
  }

  /** The answer to GET /diagram, if it was asked for; once. */
  takeDiagram(): Promise<Response> | undefined {
    const { diagram } = this
    this.diagram = undefined
    return diagram
  }

  /** What is kept here; it is not looked for while the server gives the board. */
  get snapshots(): SnapshotStore {
    const { diagram, shelf } = this
    return diagram ? { ...shelf, load: () => diagram.then(() => undefined, () => shelf.load()) } : shelf
  }

  /** Others show the picture now, or nobody wants it. */
  end(): void {
    this.ended = true
    this.element?.remove()
  }

  private ask(): void {
    const { board, secret } = this.link
    this.diagram = fetch(`/diagram?${new URLSearchParams({ board })}`, { headers: { Authorization: `Bearer ${secret}` } })
    // Whoever takes it hears of failure.
    this.diagram.then((answer) => answer.ok && piecesOf(answer)).catch(() => undefined)
  }

  private async show(): Promise<Picture | undefined> {
    const likeness = await this.shelf.likeness()
    if (!likeness || likeness.theme !== document.documentElement.dataset['theme']) return undefined
    const bitmap = await createImageBitmap(likeness.image)
    const canvas = document.createElement('canvas')
    canvas.width = bitmap.width
    canvas.height = bitmap.height
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0)
    bitmap.close()
    const picture = { ...likeness, canvas }
    if (!this.ended) this.place(picture)
    return picture
  }

  /** Puts the picture where the board will be. */
  private place({ canvas, x, y, scale, bounds }: Picture): void {
    const size: Size = { width: innerWidth, height: innerHeight }
    const camera: Camera = opening(bounds, size)
    const by = camera.zoom / scale
    const place = `left: ${(x - camera.x) * camera.zoom}px; top: ${(y - camera.y) * camera.zoom}px; width: ${canvas.width * by}px; height: ${canvas.height * by}px`
    canvas.style.cssText = `position: fixed; z-index: -1; ${place}`
    canvas.className = 'early'
    document.body.append(canvas)
    this.element = canvas
  }
}
