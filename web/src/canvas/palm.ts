/** A touch within this time, in ms, after the pen was near is the hand that holds it. */
const AFTER_PEN = 500
/** A contact larger than this, in pixels, is no finger tip. Asked only of those who write with a pen. */
const PALM = 30

/** Tells the hand that rests on the screen from fingers that mean something. */
export class Palm {
  private readonly ignored = new Set<number>()
  private penAt = -Infinity
  private penDown = false

  /** The pen hovers, touches or moves. */
  pen(time: number, isDown: boolean): void {
    this.penAt = time
    this.penDown = isDown
  }

  /** Whether a touch is to be ignored from its beginning to its end. */
  ignores(e: Pick<PointerEvent, 'pointerId' | 'type' | 'timeStamp' | 'width' | 'height'>, hasPen: boolean): boolean {
    const { pointerId: id, type } = e
    if (type === 'pointerdown' && hasPen && this.isPalm(e)) this.ignored.add(id)
    const ignored = this.ignored.has(id)
    if (type === 'pointerup' || type === 'pointercancel') this.ignored.delete(id)
    return ignored
  }

  /** These touches were down before the pen came. */
  ignore(ids: Iterable<number>): void {
    for (const id of ids) this.ignored.add(id)
  }

  private isPalm({ timeStamp, width, height }: Pick<PointerEvent, 'timeStamp' | 'width' | 'height'>): boolean {
    return this.penDown || timeStamp - this.penAt < AFTER_PEN || Math.max(width, height) > PALM
  }
}
