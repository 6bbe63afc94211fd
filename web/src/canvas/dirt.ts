import { overlaps, union, type Box } from '../geometry/box'

/** How many places are kept apart; more are taken together. */
const MOST_PLACES = 12

/** What looks different now: a few places, so that what lies between them need not be painted anew. */
export class Dirt {
  private places: Box[] = []

  get isEmpty(): boolean {
    return this.places.length === 0
  }

  /** Places that overlap become one. */
  add(box: Box): void {
    const apart = this.places.filter((place) => !overlaps(place, box))
    if (apart.length < this.places.length) {
      const around = this.places.filter((place) => overlaps(place, box)).reduce<Box>((all, place) => union(all, place)!, box)
      this.places = apart
      return this.add(around)
    }
    this.places.push(box)
    if (this.places.length > MOST_PLACES) this.places = [this.places.reduce((all, place) => union(all, place)!)]
  }

  /** Whether a box overlaps a place. */
  reaches(box: Box): boolean {
    return this.places.some((place) => overlaps(place, box))
  }

  /** All places; there are none afterwards. */
  take(): readonly Box[] {
    const { places } = this
    this.places = []
    return places
  }
}
